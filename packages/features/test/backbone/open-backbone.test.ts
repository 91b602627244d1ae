import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backbone, type BackboneOptions, openBackbone, type Pooling } from '@ood/features';
import { openModel, type Tensor, type TensorInfo } from '@ood/onnx';
import { checkModel } from '@ood/onnx/check';
import { nodeRuntime } from '@ood/onnx/node';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary.ts';
import { body, image, type ModelParts, modelOf, node, random, trunk } from './models.ts';

const W = random([7, 5], 3);
const b = random([7], 4);
const transposed: Tensor = {
  type: 'float32',
  dims: [5, 7],
  data: Float32Array.from({ length: 35 }, (_, i) => W.data[(i % 7) * 5 + Math.floor(i / 7)]!),
};
const gemm = node('Gemm', ['f', 'W', 'b'], ['z'], { transB: 1n });
const onVector = (
  nodes: ModelParts['nodes'],
  initializers: ModelParts['initializers'] = { W, b },
): ModelParts => ({
  nodes: [...body.nodes, ...nodes],
  initializers: { ...body.initializers, ...initializers },
});
const W4 = random([7, 4], 5);
const kernel: Tensor = { ...W4, dims: [7, 4, 1, 1] };
const onImage = (
  nodes: ModelParts['nodes'],
  initializers: ModelParts['initializers'] = { W: kernel, b },
): ModelParts => ({
  inputs: [image],
  nodes: [...trunk.nodes, ...nodes],
  initializers: { ...trunk.initializers, ...initializers },
});
const shape = (values: number[]): Tensor => ({
  type: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});
const half: Tensor = { type: 'float32', dims: [], data: Float32Array.of(0.5) };

/** Every form of a head, with the tensor it reads. */
const heads: readonly (readonly [string, ModelParts, string])[] = [
  ['Gemm', onVector([node('Gemm', ['f', 'W', 'b'], ['y'], { transB: 1n })]), 'f'],
  [
    'Gemm, weights not transposed',
    onVector([node('Gemm', ['f', 'W', 'b'], ['y'])], { W: transposed, b }),
    'f',
  ],
  ['Gemm without bias', onVector([node('Gemm', ['f', 'W'], ['y'], { transB: 1n })], { W }), 'f'],
  [
    'Gemm with factors',
    onVector([node('Gemm', ['f', 'W', 'b'], ['y'], { transB: 1n, alpha: 2, beta: 0.25 })]),
    'f',
  ],
  [
    'Gemm with a scalar bias',
    onVector([node('Gemm', ['f', 'W', 'b'], ['y'], { transB: 1n })], { W, b: half }),
    'f',
  ],
  ['Gemm and Softmax', onVector([gemm, node('Softmax', ['z'], ['y'], { axis: 1n })]), 'f'],
  ['Gemm and LogSoftmax', onVector([gemm, node('LogSoftmax', ['z'], ['y'], { axis: 1n })]), 'f'],
  ['Gemm and Sigmoid', onVector([gemm, node('Sigmoid', ['z'], ['y'])]), 'f'],
  [
    'Gemm, Reshape, Softmax, Cast, Identity',
    onVector(
      [
        gemm,
        node('Reshape', ['z', 's'], ['r']),
        node('Softmax', ['r'], ['p'], { axis: -1n }),
        node('Cast', ['p'], ['q'], { to: 1n }),
        node('Identity', ['q'], ['y']),
      ],
      { W, b, s: shape([-1, 7]) },
    ),
    'f',
  ],
  [
    'Dropout and Gemm',
    onVector([node('Dropout', ['f'], ['d']), node('Gemm', ['d', 'W', 'b'], ['y'], { transB: 1n })]),
    'd',
  ],
  ['MatMul', onVector([node('MatMul', ['f', 'W'], ['y'])], { W: transposed }), 'f'],
  [
    'MatMul and Add',
    onVector([node('MatMul', ['f', 'W'], ['z']), node('Add', ['z', 'b'], ['y'])], { W: transposed, b }),
    'f',
  ],
  [
    'Gemm and Add',
    onVector([node('Gemm', ['f', 'W'], ['z'], { transB: 1n, alpha: 3 }), node('Add', ['z', 'b'], ['y'])]),
    'f',
  ],
  [
    'Add with the bias in front',
    onVector([node('MatMul', ['f', 'W'], ['z']), node('Add', ['b', 'z'], ['y'])], { W: transposed, b }),
    'f',
  ],
  [
    'MatMul with weights transposed by a node',
    onVector([
      node('Transpose', ['W'], ['T'], { perm: [1n, 0n] }),
      node('MatMul', ['f', 'T'], ['z']),
      node('Add', ['z', 'b'], ['y']),
    ]),
    'f',
  ],
  [
    'Gemm with quantised weights',
    onVector(
      [node('DequantizeLinear', ['Q', 'scale'], ['W']), node('Gemm', ['f', 'W', 'b'], ['y'], { transB: 1n })],
      {
        Q: { type: 'int8', dims: [7, 5], data: Int8Array.from({ length: 35 }, (_, i) => i * 3 - 50) },
        scale: half,
        b,
      },
    ),
    'f',
  ],
  [
    'pooled features and Gemm',
    onImage(
      [
        node('GlobalAveragePool', ['m'], ['g']),
        node('Flatten', ['g'], ['v']),
        node('Gemm', ['v', 'W', 'b'], ['y'], { transB: 1n }),
      ],
      { W: W4, b },
    ),
    'v',
  ],
  [
    '1×1 Conv behind the pool',
    onImage([
      node('GlobalAveragePool', ['m'], ['g']),
      node('Conv', ['g', 'W', 'b'], ['z'], { kernel_shape: [1n, 1n] }),
      node('Flatten', ['z'], ['y']),
    ]),
    'g',
  ],
  [
    '1×1 Conv, pool, Softmax',
    onImage([
      node('Conv', ['m', 'W', 'b'], ['z'], { kernel_shape: [1n, 1n] }),
      node('GlobalAveragePool', ['z'], ['p']),
      node('Flatten', ['p'], ['q']),
      node('Softmax', ['q'], ['y'], { axis: 1n }),
    ]),
    'm',
  ],
  [
    '1×1 Conv, ReduceMean, Squeeze',
    onImage(
      [
        node('Conv', ['m', 'W'], ['z'], { kernel_shape: [1n, 1n] }),
        node('ReduceMean', ['z'], ['p'], { axes: [2n, 3n], keepdims: 1n }),
        node('Squeeze', ['p', 'axes'], ['y']),
      ],
      { W: kernel, axes: shape([2, 3]) },
    ),
    'm',
  ],
];

const batchOf = (backbone: Backbone, rows: number): Tensor =>
  random([rows, ...backbone.inputShape.slice(1).map(Number)], 9);

async function open(parts: ModelParts, options: BackboneOptions = {}): Promise<Backbone> {
  return openBackbone(modelOf(parts), { threads: 1, ...options });
}

describe('a classification head', () => {
  it.each(heads)('is found and proved: %s', async (_, parts, layer) => {
    const backbone = await open(parts);
    const batch = batchOf(backbone, 4);
    const { features, logits } = await backbone.run(batch);
    const description = backbone.describe();
    expect(description.layer).toBe(layer);
    expect(description.head).toMatchObject({ classes: 7, proof: { proved: true } });
    expect(features).toMatchObject({ rows: 4, cols: backbone.featureSize });
    const { weights, bias } = backbone.head!;
    expect(weights).toMatchObject({ rows: 7, cols: backbone.featureSize });
    for (let row = 0; row < 4; row++) {
      for (let c = 0; c < 7; c++) {
        let sum = bias[c]!;
        for (let j = 0; j < weights.cols; j++) {
          sum += weights.data[c * weights.cols + j]! * features.data[row * weights.cols + j]!;
        }
        expect(logits!.data[row * 7 + c]).toBeCloseTo(sum, 4);
      }
    }
    await backbone.close();
  });

  it('gives the features that the graph computes', async () => {
    const backbone = await open(heads[0]![1]);
    const batch = batchOf(backbone, 2);
    const direct = await nodeRuntime.createSession(modelOf({ ...body, outputs: ['f'] }));
    const { f } = await direct.run({ x: batch });
    expect((await backbone.run(batch)).features.data).toEqual(f!.data);
    await Promise.all([backbone.close(), direct.close()]);
  });

  it('gives its graph, which computes the same and has nothing wrong with it', async () => {
    for (const [, parts] of heads) {
      const backbone = await open(parts);
      const { model, features, logits } = backbone.graph();
      expect(checkModel(model)).toEqual([]);
      const batch = batchOf(backbone, 2);
      const session = await openModel(nodeRuntime, model, { threads: 1 });
      const outputs = await session.run({ [backbone.inputs[0]!.name]: batch });
      const result = await backbone.run(batch);
      expect(outputs[features]!.data).toEqual(result.features.data);
      expect(outputs[logits!]!.data).toEqual(result.logits!.data);
      await Promise.all([backbone.close(), session.close()]);
    }
  });

  it('keeps the outputs that the model itself has, in front of features and logits, where it is asked to', async () => {
    for (const [, parts] of heads) {
      const backbone = await open(parts);
      const { model, features, logits } = backbone.graph({ keepOutputs: true });
      expect(checkModel(model)).toEqual([]);
      const batch = batchOf(backbone, 2);
      const feeds = { [backbone.inputs[0]!.name]: batch };
      const own = await nodeRuntime.createSession(modelOf(parts), { threads: 1 });
      const session = await openModel(nodeRuntime, model, { threads: 1 });
      const names = own.outputs.map(({ name }) => name);
      expect(session.outputs.map(({ name }) => name)).toEqual([...names, features, logits]);
      const [outputs, expected] = [await session.run(feeds), await own.run(feeds)];
      for (const name of names) expect(outputs[name]).toEqual(expected[name]);
      const result = await backbone.run(batch);
      expect(outputs[features]!.data).toEqual(result.features.data);
      expect(outputs[logits!]!.data).toEqual(result.logits!.data);
      await Promise.all([backbone.close(), own.close(), session.close()]);
    }
  });

  it.each([1, 3, 8])('runs %i rows through a model whose batch size is fixed at 3', async rows => {
    const parts = { ...heads[0]![1], inputs: [{ name: 'x', type: 'float32' as const, dims: [3, 6] }] };
    const [fixed, free] = [await open(parts), await open(heads[0]![1])];
    const batch = random([rows, 6], 11);
    expect(await fixed.run(batch)).toEqual(await free.run(batch));
    await Promise.all([fixed.close(), free.close()]);
  });

  it('runs row by row where an export baked a batch of one in, though it declares a free size', async () => {
    const parts = onVector(
      [node('Reshape', ['f', 's'], ['r']), node('Gemm', ['r', 'W', 'b'], ['y'], { transB: 1n })],
      {
        W,
        b,
        s: shape([1, 5]),
      },
    );
    const [baked, free] = [await open(parts), await open(heads[0]![1])];
    const batch = random([4, 6], 11);
    expect(baked.describe().batchSize).toBe(1);
    expect((await baked.run(batch)).features).toEqual((await free.run(batch)).features);
    await Promise.all([baked.close(), free.close()]);
  });

  it('describes itself as data that JSON can hold', async () => {
    const backbone = await open(heads[5]![1]);
    const description = backbone.describe();
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    expect(description.model.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(description.candidates.map(candidate => candidate.tensor)).toContain('f');
    await backbone.close();
  });
});

const embedder = { head: 'none' } as const;

const tokens: ModelParts = {
  inputs: [{ name: 'tokens', type: 'float32', dims: ['batch', 4, 6] }],
  nodes: [node('MatMul', ['tokens', 'H'], ['h']), node('Tanh', ['h'], ['y'])],
  initializers: body.initializers,
  outputs: [{ name: 'y', type: 'float32', dims: ['batch', 4, 5] }],
};

describe('a model without a head', () => {
  it('gives its only output', async () => {
    const backbone = await open({ ...body, outputs: ['f'] }, embedder);
    expect(backbone.head).toBeUndefined();
    expect(backbone.describe().head).toEqual({ missing: 'not looked for' });
    const { features, logits } = await backbone.run(batchOf(backbone, 2));
    expect(features.cols).toBe(5);
    expect(logits).toBeUndefined();
    await backbone.close();
  });

  it.each([
    ['cls', (rows: number[][]) => rows[0]!],
    [
      'mean',
      (rows: number[][]) => rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length),
    ],
    ['none', (rows: number[][]) => rows.flat()],
  ] as const)('takes tokens with pooling %s', async (pooling, expected) => {
    const backbone = await open(tokens, { ...embedder, pooling });
    const raw = await nodeRuntime.createSession(modelOf(tokens));
    const batch = random([2, 4, 6], 12);
    const { features } = await backbone.run(batch);
    const y = [...((await raw.run({ tokens: batch })).y!.data as Float32Array)];
    for (let row = 0; row < 2; row++) {
      const rows = Array.from({ length: 4 }, (_, t) => y.slice((row * 4 + t) * 5, (row * 4 + t + 1) * 5));
      const wanted = expected(rows);
      expect(features.cols).toBe(wanted.length);
      for (const [j, value] of wanted.entries()) {
        expect(features.data[row * wanted.length + j]).toBeCloseTo(value, 5);
      }
    }
    await Promise.all([backbone.close(), raw.close()]);
  });

  it('averages maps over space, also one named as layer in front of a head, and still gives the logits', async () => {
    const backbone = await open(heads.find(([name]) => name.startsWith('pooled'))![1], { layer: 'm' });
    const usual = await open(heads.find(([name]) => name.startsWith('pooled'))![1]);
    const batch = batchOf(backbone, 2);
    const [a, c] = [await backbone.run(batch), await usual.run(batch)];
    expect(backbone.head).toBeUndefined();
    expect(a.logits).toEqual(c.logits);
    for (const [i, value] of c.features.data.entries()) expect(a.features.data[i]).toBeCloseTo(value, 6);
    await Promise.all([backbone.close(), usual.close()]);
  });

  const channelsLast = (sides: TensorInfo['dims']): ModelParts => ({
    inputs: [{ name: 'image', type: 'float32', dims: ['batch', 3, ...sides] }],
    nodes: [...trunk.nodes, node('Transpose', ['m'], ['y'], { perm: [0n, 2n, 3n, 1n] })],
    initializers: trunk.initializers,
    outputs: [{ name: 'y', type: 'float32', dims: ['batch', ...sides, 4] }],
  });
  it.each([
    ['of equal sides', [8, 8]],
    ['of free sides', ['height', 'width']],
  ])('averages maps whose channels come last over space where their shape shows it: %s', async (_, sides) => {
    const freeDimensions: Record<string, number> = sides[0] === 8 ? {} : { height: 8, width: 8 };
    const [last, first] = [
      await open(channelsLast(sides), { ...embedder, freeDimensions }),
      await open(onImage([node('Identity', ['m'], ['y'])]), embedder),
    ];
    const batch = random([2, 3, 8, 8], 12);
    expect(last.describe().pooling).toBe('mean-channels-last');
    expect(last.featureSize).toBe(4);
    expect((await last.run(batch)).features).toEqual((await first.run(batch)).features);
    await Promise.all([last.close(), first.close()]);
  });

  it('takes the order of a map from its caller', async () => {
    const open8 = (pooling: Pooling) => open(channelsLast([8, 8]), { ...embedder, pooling });
    const [asTold, flat] = [await open8('mean'), await open8('none')];
    expect([asTold.featureSize, flat.featureSize]).toEqual([8, 256]);
    await Promise.all([asTold.close(), flat.close()]);
  });

  it('lists no constants among the layers to choose from', async () => {
    const backbone = await open(
      onVector([node('Mul', ['W', 'two'], ['V']), node('MatMul', ['f', 'V'], ['y'])], {
        W: transposed,
        two: half,
      }),
    );
    expect(backbone.describe().candidates.map(({ tensor }) => tensor)).toEqual(['y', 'f', 'h']);
    await backbone.close();
  });

  it('takes several inputs of integers, as text models have', async () => {
    const backbone = await open({
      inputs: ['input_ids', 'attention_mask'].map(name => ({
        name,
        type: 'int64' as const,
        dims: ['batch', 'length'],
      })),
      nodes: [
        node('Gather', ['E', 'input_ids'], ['e']),
        node('Cast', ['attention_mask'], ['a'], { to: 1n }),
        node('Unsqueeze', ['a', 'last'], ['u']),
        node('Mul', ['e', 'u'], ['y']),
      ],
      initializers: { E: random([100, 5], 13), last: shape([2]) },
      outputs: [{ name: 'y', type: 'float32', dims: ['batch', 'length', 5] }],
    });
    const ids: Tensor = { type: 'int64', dims: [2, 3], data: BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n) };
    const mask: Tensor = { type: 'int64', dims: [2, 3], data: new BigInt64Array(6).fill(1n) };
    const { features } = await backbone.run({ input_ids: ids, attention_mask: mask });
    expect(features).toMatchObject({ rows: 2, cols: 5 });
    await expect(backbone.run(ids)).rejects.toMatchObject({ code: 'WRONG_INPUT' });
    await backbone.close();
  });

  it('asks what a projection is that is named like an embedding', async () => {
    const projection = onVector([node('MatMul', ['f', 'W'], ['image_embeds'])], { W: transposed });
    await expect(open({ ...projection, outputs: ['image_embeds'] })).rejects.toMatchObject({
      code: 'AMBIGUOUS_HEAD',
      advice: expect.stringContaining("head: 'none'"),
    });
    const [embedding, classifier] = [
      await open({ ...projection, outputs: ['image_embeds'] }, embedder),
      await open({ ...projection, outputs: ['image_embeds'] }, { head: 'require' }),
    ];
    expect(embedding.featureSize).toBe(7);
    expect(classifier.describe().layer).toBe('f');
    await Promise.all([embedding.close(), classifier.close()]);
  });

  it('turns half floats into floats', async () => {
    const backbone = await open(
      {
        nodes: [...body.nodes, node('Cast', ['f'], ['y'], { to: 10n })],
        initializers: body.initializers,
        outputs: [{ name: 'y', type: 'float16', dims: ['batch', 5] }],
      },
      embedder,
    );
    expect((await backbone.run(batchOf(backbone, 2))).features.data).toBeInstanceOf(Float32Array);
    await backbone.close();
  });
});

describe('a model that cannot be a backbone says why', () => {
  const text: ModelParts = {
    inputs: [{ name: 'text', type: 'string', dims: ['batch'] }],
    nodes: [node('Identity', ['text'], ['y'])],
    outputs: [{ name: 'y', type: 'string', dims: ['batch'] }],
  };
  const computed = onVector(
    [node('MatMul', ['h', 'P'], ['W']), node('MatMul', ['f', 'W'], ['z']), node('Softmax', ['z'], ['y'])],
    {
      P: random([5, 5], 6),
    },
  );
  const baked = (rows: number): ModelParts =>
    onVector([node('Reshape', ['f', 's'], ['y'])], { s: shape([rows, 5]) });
  const twoOutputs = { ...body, nodes: [...body.nodes, node('Tanh', ['h'], ['t'])], outputs: ['t', 'f'] };
  const five = { ...body, outputs: ['f'], inputs: [{ name: 'x', type: 'float32' as const, dims: [] }] };
  it.each<[string, ModelParts, BackboneOptions, string, RegExp]>([
    [
      'a head with computed weights',
      computed,
      {},
      'NO_HEAD',
      /computed, not constant.*candidates for layer:.*"f"/,
    ],
    ['no head where one is required', { ...body, outputs: ['f'] }, { head: 'require' }, 'NO_HEAD', /Relu/],
    [
      'an unknown layer',
      heads[0]![1],
      { layer: 'penultimate' },
      'UNKNOWN_LAYER',
      /"penultimate".*candidates.*"f"/,
    ],
    ['several outputs', twoOutputs, {}, 'AMBIGUOUS_OUTPUT', /"t", "f"/],
    ['strings', text, {}, 'UNSUPPORTED_INPUT', /"text": expected a tensor of numbers, got string/],
    ['a scalar for an input', five, {}, 'UNSUPPORTED_INPUT', /"x".*got a scalar/],
    [
      'a free dimension that cannot be guessed',
      { ...body, outputs: ['f'], inputs: [{ name: 'x', type: 'float32', dims: ['n', 'width'] }] },
      {},
      'UNKNOWN_SHAPE',
      /freeDimensions: \{ "width"/,
    ],
    [
      'a size that the graph refuses',
      { ...body, outputs: ['f'], inputs: [{ name: 'x', type: 'float32', dims: ['n', 'width'] }] },
      { freeDimensions: { width: 9 } },
      'PROBE_FAILED',
      /\[3, 9\]/,
    ],
    [
      'a constant as layer',
      { ...body, outputs: ['f'] },
      { layer: 'H' },
      'UNSUPPORTED_LAYER',
      /depends on the inputs/,
    ],
    [
      'class token of a map',
      onImage([node('Identity', ['m'], ['y'])]),
      { pooling: 'cls' },
      'INVALID_OPTION',
      /pooling: 'mean'/,
    ],
    ['a tolerance that is none', heads[0]![1], { tolerance: 0 }, 'INVALID_OPTION', /tolerance/],
    [
      'a pooling that is none',
      heads[0]![1],
      { pooling: 'max' as Pooling },
      'INVALID_OPTION',
      /option pooling: expected one of none, cls, last, mean, mean-channels-last, got "max"/,
    ],
    [
      'a way of looking for heads that is none',
      heads[0]![1],
      { head: 'maybe' as 'auto' },
      'INVALID_OPTION',
      /option head: expected one of auto/,
    ],
    [
      'channels last of tokens',
      tokens,
      { pooling: 'mean-channels-last' },
      'INVALID_OPTION',
      /height, width, channels.*3 dimensions/,
    ],
    [
      'a size for a dimension that is not there',
      { ...body, outputs: ['f'], inputs: [{ name: 'x', type: 'float32', dims: ['n', 'width'] }] },
      { freeDimensions: { wdith: 6 } },
      'INVALID_OPTION',
      /expected names among n, x:0, width, x:1, got "wdith"/,
    ],
    [
      'a size that is none',
      { ...body, outputs: ['f'], inputs: [{ name: 'x', type: 'float32', dims: ['n', 'width'] }] },
      { freeDimensions: { width: -6 } },
      'INVALID_OPTION',
      /positive whole number for width, got -6/,
    ],
    [
      'a size of zero',
      { ...body, outputs: ['f'], inputs: [{ name: 'x', type: 'float32', dims: [0, 6] }] },
      {},
      'UNKNOWN_SHAPE',
      /positive or free sizes, got \[0, 6\]/,
    ],
    [
      'a graph without inputs',
      { nodes: [node('Identity', ['W'], ['y'])], initializers: { W }, inputs: [] },
      {},
      'UNSUPPORTED_INPUT',
      /without inputs/,
    ],
    [
      'logits that no linear layer makes, which must not pass for features',
      { ...onVector([gemm, node('Relu', ['z'], ['logits'])]), outputs: ['logits'] },
      {},
      'NO_HEAD',
      /"logits" comes from Relu.*candidates for layer:.*"f"/,
    ],
    [
      'two heads',
      { ...onVector([gemm, node('Gemm', ['h', 'W', 'b'], ['aux'], { transB: 1n })]), outputs: ['z', 'aux'] },
      {},
      'AMBIGUOUS_HEAD',
      /"f" and "h"/,
    ],
  ])('%s', async (_, parts, options, code, message) => {
    await expect(open(parts, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('takes one of two heads when its layer is named', async () => {
    const parts = {
      ...onVector([gemm, node('Gemm', ['h', 'W', 'b'], ['aux'], { transB: 1n })]),
      outputs: ['z', 'aux'],
    };
    const backbone = await open(parts, { layer: 'h' });
    expect(backbone.describe().head).toMatchObject({ logits: 'aux' });
    await backbone.close();
  });

  it('an export that baked a batch size in', async () => {
    await expect(open(baked(5))).rejects.toMatchObject({ code: 'PROBE_FAILED' });
  });

  it('a head without weights, as of an untrained model', async () => {
    const zero: Tensor = { type: 'float32', dims: [7, 5], data: new Float32Array(35) };
    const untrained = onVector([node('Gemm', ['f', 'W', 'b'], ['y'], { transB: 1n })], { W: zero, b });
    await expect(open(untrained)).rejects.toMatchObject({ code: 'HEAD_NOT_PROVED' });
  });

  it('a head that does not reproduce the logits', async () => {
    const dead = onVector(
      [node('Mul', ['f', 'zero'], ['d']), node('Gemm', ['d', 'W', 'b'], ['y'], { transB: 1n })],
      {
        W,
        b,
        zero: { type: 'float32', dims: [], data: Float32Array.of(0) },
      },
    );
    await expect(open(dead)).rejects.toMatchObject({
      code: 'HEAD_NOT_PROVED',
      message: expect.stringMatching(/are all zero/),
    });
  });

  it('a graph that the engine refuses, by the name of its file', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'refused.onnx');
    const broken = onVector([node('Gemm', ['f', 'W', 'b'], ['y'], { transB: 1n, alpha: 1n })], { W, b });
    await writeFile(path, modelOf(broken));
    await expect(openBackbone(path)).rejects.toMatchObject({
      code: 'SESSION_FAILED',
      message: expect.stringContaining(`${path}: expected a graph that the engine accepts`),
    });
  });

  it('a file that does not exist', async () => {
    await expect(openBackbone('no/such.onnx')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});

describe('a batch that does not fit', () => {
  it.each<[string, Tensor, RegExp]>([
    ['one channel', random([2, 1, 8, 8], 1), /\[batch, 3, 8, 8\], got \[2, 1, 8, 8\].*3 channels/],
    ['channels last', random([2, 8, 8, 3], 1), /channels first/],
    ['another size', random([2, 3, 9, 9], 1), /resize/],
    ['another rank', random([2, 3], 1), /\[2, 3\]/],
    ['another type', { type: 'uint8', dims: [1, 3, 8, 8], data: new Uint8Array(192) }, /float32.*got uint8/],
    ['too few numbers', { ...random([2, 3, 8, 8], 1), data: new Float32Array(5) }, /5 elements/],
  ])('%s', async (_, batch, message) => {
    const backbone = await open({ ...onImage([node('Identity', ['m'], ['y'])]) }, embedder);
    await expect(backbone.run(batch)).rejects.toMatchObject({
      code: 'WRONG_INPUT',
      message: expect.stringMatching(message),
    });
    await expect(backbone.run({ picture: batch })).rejects.toMatchObject({ code: 'WRONG_INPUT' });
    await backbone.close();
  });
});
