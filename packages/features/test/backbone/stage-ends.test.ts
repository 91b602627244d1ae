import { readFile } from 'node:fs/promises';
import { type Backbone, type BackboneOptions, openBackbone } from '@ood/features';
import { cutModel, decodeModel, encodeModel, graphOf, type Tensor } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import { describe, expect, it } from 'vitest';
import { body, image, modelOf, node, random, vector } from './models.ts';
import { type StagedModel, stagedModels } from './stage-models.ts';

const ROWS = 3;
const open = (model: Uint8Array, options: BackboneOptions = {}) =>
  openBackbone(model, { trusted: true, threads: 1, ...options });

async function used<T>(backbone: Backbone, use: (backbone: Backbone) => Promise<T> | T): Promise<T> {
  try {
    return await use(backbone);
  } finally {
    await backbone.close();
  }
}

/** A tensor of the model itself, for these inputs. */
async function tensorOf(model: Uint8Array, name: string, input: Tensor): Promise<Tensor> {
  const session = await nodeRuntime.createSession(
    encodeModel(cutModel(decodeModel(model), { outputs: [name] })),
  );
  const outputs = await session.run({ [session.inputs[0]!.name]: input });
  await session.close();
  return outputs[name]!;
}

/** One row of a layer as a unit vector, in plain arithmetic. */
function unitVector({ dims, data }: Tensor, row: number, pooling: string): number[] {
  const size = dims.slice(1).reduce((product, dim) => product * dim, 1);
  const values = Array.from((data as Float32Array).subarray(row * size, (row + 1) * size));
  const isLast = dims.length === 3 ? pooling !== 'mean-channels-first' : pooling === 'mean-channels-last';
  const channels = isLast ? dims.at(-1)! : dims[1]!;
  const places = size / channels;
  const pooled = Array.from({ length: channels }, (_, c) => {
    if (pooling === 'cls') return values[c]!;
    let sum = 0;
    for (let at = 0; at < places; at++) sum += isLast ? values[at * channels + c]! : values[c * places + at]!;
    return sum / places;
  });
  const norm = Math.hypot(...pooled);
  return pooled.map(value => value / norm);
}

describe.each(Object.entries(stagedModels))(
  'the stage ends of %s',
  (_, { bytes, input, stages }: StagedModel) => {
    const batch = random([ROWS, ...input], 11);

    it('are found by structure, behind the penultimate features, and described', async () => {
      await used(await open(bytes, { layers: 'stage-ends' }), backbone => {
        const { layer, layers = [], featureSize } = backbone.describe();
        expect(layers.slice(1).map(({ tensor, pooling }) => [tensor, pooling])).toEqual(stages);
        expect(layers[0]).toMatchObject({ tensor: layer, start: 0, size: backbone.head!.weights.cols });
        let start = 0;
        for (const part of layers) {
          expect(part.start).toBe(start);
          start += part.size;
        }
        expect(start).toBe(featureSize);
        expect(backbone.featureSize).toBe(featureSize);
        expect(backbone.head!.featureSize).toBe(featureSize);
      });
    });

    it('leave the penultimate features, the logits and the proved head as they were', async () => {
      const one = await open(bytes);
      const several = await open(bytes, { layers: 'stage-ends' });
      const alone = await one.run(batch);
      const joined = await several.run(batch);
      const d = one.featureSize;
      expect(one.describe().layers).toBeUndefined();
      expect(several.head!.weights).toEqual(one.head!.weights);
      expect(several.describe().head).toMatchObject({ proof: { proved: true } });
      joined.logits!.data.forEach((value, i) => {
        expect(value).toBeCloseTo(alone.logits!.data[i]!, 5);
      });
      for (let row = 0; row < ROWS; row++)
        for (let i = 0; i < d; i++)
          expect(joined.features.data[row * joined.features.cols + i]).toBeCloseTo(
            alone.features.data[row * d + i]!,
            5,
          );
      await one.close();
      await several.close();
    });

    it('are pooled, divided by their norm, and a quarter as long as the penultimate features', async () => {
      await used(await open(bytes, { layers: 'stage-ends' }), async backbone => {
        const { features } = await backbone.run(batch);
        const [first, ...others] = backbone.describe().layers!;
        for (const { tensor, pooling, start, size } of others) {
          const raw = await tensorOf(bytes, tensor, batch);
          for (let row = 0; row < ROWS; row++) {
            const at = row * features.cols;
            const length = Math.hypot(...features.data.subarray(at, at + first!.size));
            const expected = unitVector(raw, row, pooling).map(value => 0.25 * value * (length + 1e-6));
            const got = features.data.subarray(at + start, at + start + size);
            expect(got.length).toBe(expected.length);
            expected.forEach((value, i) => {
              expect(Math.abs(got[i]! - value)).toBeLessThan(1e-5 * (1 + length));
            });
          }
        }
      });
    });

    it('come out of one pass: the network is there once', async () => {
      const trunkOf = (backbone: Backbone) => {
        const names = graphOf(backbone.graph().model).node.map(({ output }) => output[0]!);
        return { own: names.filter(name => !/^(ood\.|features$|logits$)/.test(name)), all: names.length };
      };
      const one = await used(await open(bytes), trunkOf);
      const several = await used(await open(bytes, { layers: 'stage-ends' }), trunkOf);
      expect(several.own).toEqual(one.own);
      expect(several.all - one.all).toBeLessThanOrEqual(7 + 6 * stages.length);
    });

    it('are the same by name', async () => {
      const named = await open(bytes, { layers: stages.map(([tensor]) => tensor) });
      const found = await open(bytes, { layers: 'stage-ends' });
      const [a, b] = [await named.run(batch), await found.run(batch)];
      expect(named.describe().layers).toEqual(found.describe().layers);
      expect(a.features).toEqual(b.features);
      await named.close();
      await found.close();
    });
  },
);

describe('layers that cannot be', () => {
  const mlp = modelOf({
    ...body,
    nodes: [...body.nodes, node('MatMul', ['f', 'W'], ['y'])],
    initializers: { ...body.initializers, W: random([5, 3], 3) },
  });

  it.each<[string, BackboneOptions['layers'], string, RegExp]>([
    ['no maps or tokens', 'stage-ends', 'NO_STAGES', /maps that are downsampled.*leave layers out/],
    [
      'a name that is not there',
      ['nowhere'],
      'UNKNOWN_LAYER',
      /tensors of the model as layers, got "nowhere"/,
    ],
    ['a constant', ['H'], 'UNSUPPORTED_LAYER', /the constant "H"/],
    ['the features themselves', ['f'], 'UNSUPPORTED_LAYER', /the features, "f"/],
    ['none', [], 'INVALID_OPTION', /'stage-ends', or a list/],
    ['one twice', ['h', 'h'], 'INVALID_OPTION', /different tensors/],
    ['another word', 'stages' as never, 'INVALID_OPTION', /'stage-ends'/],
  ])('%s: %s is refused', async (_, layers, code, message) => {
    await expect(open(mlp, { layers })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('whole numbers, and what has no batch in front', async () => {
    const { bytes } = stagedModels['a ViT with a class token']!;
    for (const layer of ['shape', 'batch'])
      await expect(open(bytes, { layers: [layer] })).rejects.toMatchObject({ code: 'UNSUPPORTED_LAYER' });
  });

  it('one map alone, which the features are the mean of', async () => {
    const model = modelOf({
      nodes: [
        node('Conv', ['image', 'K'], ['c'], { kernel_shape: [3n, 3n] }),
        node('GlobalAveragePool', ['c'], ['g']),
        node('Flatten', ['g'], ['f']),
        node('MatMul', ['f', 'W'], ['y']),
      ],
      initializers: { K: random([4, 3, 3, 3], 1), W: random([4, 3], 2) },
      inputs: [image],
    });
    await expect(open(model, { layers: 'stage-ends' })).rejects.toMatchObject({
      code: 'NO_STAGES',
      got: expect.stringContaining('neither a downsampling nor several blocks'),
    });
  });
});

it.each(['cnn', 'cnn-dynamic-int8', 'cnn-qdq'])('quantized or not, %s has the same stages', async name => {
  const path = new URL(`../cases/models/03-quantised-classifiers/${name}.onnx`, import.meta.url);
  await used(await open(await readFile(path), { layers: 'stage-ends' }), backbone => {
    expect(backbone.describe().layers!.map(({ size }) => size)).toEqual([32, 8, 16]);
  });
});

it('vectors may stand beside the features, also in a model without a head', async () => {
  const model = modelOf({
    ...body,
    nodes: [...body.nodes],
    inputs: [vector],
    outputs: [{ name: 'f', type: 'float32', dims: ['batch', 5] }],
  });
  await used(await open(model, { head: 'none', layers: ['h'] }), async backbone => {
    expect(backbone.describe().layers).toMatchObject([
      { tensor: 'f', size: 5 },
      { tensor: 'h', pooling: 'none', start: 5, size: 5 },
    ]);
    const { features } = await backbone.run(random([2, 6], 4));
    for (let row = 0; row < 2; row++) {
      const [own, other] = [
        features.data.subarray(10 * row, 10 * row + 5),
        features.data.subarray(10 * row + 5, 10 * row + 10),
      ];
      expect(Math.hypot(...other)).toBeCloseTo(0.25 * Math.hypot(...own), 4);
    }
  });
});

it('of a model of texts, tokens that the mask takes out count in no layer', async () => {
  const nodes = [node('Gather', ['E', 'input_ids'], ['x0'], { axis: 0n })];
  const initializers: Record<string, Tensor> = { E: random([20, 6], 1) };
  for (let i = 1; i <= 4; i++) {
    initializers[`W${i}`] = random([6, 6], 10 + i);
    nodes.push(
      node('MatMul', [`x${i - 1}`, `W${i}`], [`m${i}`]),
      node('Relu', [`m${i}`], [`r${i}`]),
      node('Add', [`x${i - 1}`, `r${i}`], [`x${i}`]),
    );
  }
  const dims = ['batch', 'tokens'];
  const bytes = modelOf({
    nodes: [...nodes, node('Cast', ['attention_mask'], ['unused'], { to: 1n })],
    initializers,
    inputs: ['input_ids', 'attention_mask'].map(name => ({ name, type: 'int64' as const, dims })),
    outputs: [{ name: 'x4', type: 'float32', dims: [...dims, 6] }],
  });
  const options = { head: 'none', pooling: 'mean', layers: 'stage-ends' } as const;
  await used(await open(bytes, options), async backbone => {
    expect(backbone.describe().layers!.map(({ tensor }) => tensor)).toEqual(['x4', 'x1', 'x2', 'x3']);
    const feeds = (ids: readonly number[], mask: readonly number[]) => {
      const int64 = (values: readonly number[]): Tensor => ({
        type: 'int64',
        dims: [1, values.length],
        data: BigInt64Array.from(values, BigInt),
      });
      return { input_ids: int64(ids), attention_mask: int64(mask) };
    };
    const short = await backbone.run(feeds([3, 5, 7], [1, 1, 1]));
    const padded = await backbone.run(feeds([3, 5, 7, 0, 0], [1, 1, 1, 0, 0]));
    expect(padded.features.cols).toBe(24);
    padded.features.data.forEach((value, i) => {
      expect(value).toBeCloseTo(short.features.data[i]!, 5);
    });
  });
});
