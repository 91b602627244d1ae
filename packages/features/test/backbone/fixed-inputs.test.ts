import { extract, type FixedInputs, openBackbone, provenanceOf } from '@ood/features';
import { decodeModel, makeGraph, openModel, type Tensor, type TensorInfo } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import { describe, expect, it } from 'vitest';
import { modelOf, node, random } from './models.ts';

const x: TensorInfo = { name: 'x', type: 'float32', dims: ['batch', 6] };
const state: TensorInfo = { name: 'state', type: 'float32', dims: [2, 'batch', 5] };
const branch = (name: string, weights: string) =>
  makeGraph(name, {
    inputs: [],
    outputs: [{ name: `${name}.out`, type: 'float32', dims: ['batch', 5] }],
    nodes: [node('MatMul', ['x', weights], [`${name}.out`])],
  });

/** As voice detectors are: a rate that chooses a branch, and a hidden state. */
const recurrent = modelOf({
  inputs: [x, state, { name: 'sr', type: 'int64', dims: [] }],
  initializers: {
    A: random([6, 5], 1),
    B: random([6, 5], 2),
    W: random([7, 5], 3),
    rate: { type: 'int64', dims: [], data: BigInt64Array.of(16000n) },
    axes: { type: 'int64', dims: [1], data: BigInt64Array.of(0n) },
  },
  nodes: [
    node('Equal', ['sr', 'rate'], ['fast']),
    node('If', ['fast'], ['h'], { then_branch: branch('fast', 'A'), else_branch: branch('slow', 'B') }),
    node('ReduceMean', ['state'], ['before'], { axes: [0n], keepdims: 0n }),
    node('Add', ['h', 'before'], ['sum']),
    node('Relu', ['sum'], ['f']),
    node('Gemm', ['f', 'W'], ['y'], { transB: 1n }),
  ],
});

const batch: Tensor = { ...random([4, 6], 9) };
const scalar = (value: bigint): Tensor => ({ type: 'int64', dims: [], data: BigInt64Array.of(value) });

describe('inputs of fixed values', () => {
  it.each([
    [16000, 0],
    [8000, 0],
    [16000, 0.25],
  ])('sr = %d and state = %d give what the model makes of them', async (sr, value) => {
    const backbone = await openBackbone(recurrent, { inputs: { sr, state: value }, head: 'require' });
    expect(backbone.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(backbone.describe()).toMatchObject({ fixedInputs: { sr, state: value }, layer: 'f' });
    const { logits } = await backbone.run(batch);
    await backbone.close();
    const session = await openModel(nodeRuntime, decodeModel(recurrent));
    const fed = await session.run({
      x: batch,
      sr: scalar(BigInt(sr)),
      state: { type: 'float32', dims: [2, 4, 5], data: new Float32Array(40).fill(value) },
    });
    await session.close();
    expect([...logits!.data].map(v => v.toFixed(4))).toEqual(
      [...(fed.y!.data as Float32Array)].map(v => v.toFixed(4)),
    );
  });

  it('are part of what features are known by', async () => {
    const open = (inputs: FixedInputs) => openBackbone(recurrent, { inputs, head: 'require' });
    const [a, b] = [await open({ sr: 16000, state: 0 }), await open({ sr: 8000, state: 0 })];
    expect(provenanceOf(a, undefined).model.inputs).toEqual({ sr: 16000, state: 0 });
    expect(provenanceOf(a, undefined)).not.toEqual(provenanceOf(b, undefined));
    await a.close();
    await b.close();
  });

  it('fill sizes that another input names, and give each element where they are listed', async () => {
    const tokens = (name: string): TensorInfo => ({ name, type: 'int64', dims: ['n', 'length'] });
    const model = modelOf({
      inputs: [tokens('ids'), tokens('types'), { name: 'scale', type: 'float16', dims: [5] }],
      nodes: [
        node('Add', ['ids', 'types'], ['both']),
        node('Gather', ['E', 'both'], ['e']),
        node('Cast', ['scale'], ['s'], { to: 1n }),
        node('Mul', ['e', 's'], ['y']),
      ],
      initializers: { E: random([200, 5], 4) },
      outputs: [{ name: 'y', type: 'float32', dims: ['n', 'length', 5] }],
    });
    const inputs = { types: 2, scale: [1, 2, 4, 0.5, 0] };
    const backbone = await openBackbone(model, { inputs, head: 'none', pooling: 'cls' });
    const ids: Tensor = { type: 'int64', dims: [2, 3], data: BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 5n) };
    const { features } = await backbone.run(ids);
    const E = random([200, 5], 4).data;
    const wanted = [0, 3].flatMap(id => inputs.scale.map((s, j) => E[(id + 2) * 5 + j]! * s));
    expect([...features.data].map(v => v.toFixed(5))).toEqual(wanted.map(v => Math.fround(v).toFixed(5)));
    await backbone.close();
  });

  it.each<[string, FixedInputs, RegExp]>([
    ['an unknown name', { rate: 1 }, /"rate": expected one of the model's inputs "x", "state", "sr"/],
    ['all inputs', { x: 0, state: 0, sr: 1 }, /left for the samples/],
    ['half a rate', { sr: 0.5, state: 0 }, /whole number of int64, got 0.5/],
    ['two rates', { sr: [1, 2], state: 0 }, /expected one number, or 1, for \[\], got 2/],
    ['a list for free sizes', { sr: 1, state: [1, 2] }, /one number for \[2, batch, 5\], got 2/],
    ['what is no number', { sr: 1, state: 'no' as never }, /a number, or one for each element/],
  ])('%s is refused', async (_, inputs, message) => {
    await expect(openBackbone(recurrent, { inputs })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(message),
    });
  });

  it('a scalar without one is named, with the way to give it', async () => {
    await expect(openBackbone(recurrent, { inputs: { state: 0 } })).rejects.toMatchObject({
      code: 'UNSUPPORTED_INPUT',
      message: expect.stringMatching(/"sr": .*got a scalar.*--input sr=VALUE/),
    });
  });
});

describe('samples of tensors', () => {
  it('feed models of several inputs by name, in batches, and refuse what does not fit one by one', async () => {
    const backbone = await openBackbone(recurrent, { inputs: { sr: 16000, state: 0 }, head: 'require' });
    const two = {
      inputs: [x, { name: 'n', type: 'int64' as const, dims: ['batch'] }],
      run: async (feeds: unknown) => {
        const { x: tensor, n } = feeds as Record<string, Tensor>;
        const { features } = await backbone.run(tensor!);
        const data = features.data.map((v, i) => v + Number(n!.data[Math.floor(i / 5)]));
        return { features: { ...features, data } };
      },
    };
    const row = (i: number) => ({
      x: { type: 'float32' as const, dims: [6], data: batch.data.slice(i * 6, i * 6 + 6) as Float32Array },
      n: { type: 'int64' as const, dims: [], data: BigInt64Array.of(BigInt(i)) },
    });
    const samples = [
      { id: 'a', tensors: row(0) },
      { id: 'b', tensors: { x: row(1).x } as never },
      { id: 'c', tensors: { ...row(1), z: row(1).n } as never },
      { id: 'd', tensors: { ...row(1), x: { ...row(1).x, dims: [5] } } },
      {
        id: 'e',
        tensors: { ...row(1), n: { type: 'float32' as const, dims: [], data: Float32Array.of(1) } },
      },
      { id: 'f', tensors: row(3) },
      { id: 'g', vector: new Float32Array(6) },
    ];
    const source = {
      async *[Symbol.asyncIterator]() {
        yield* samples;
      },
    };
    const { ids, features, failures } = await extract(two, source, { batchSize: 8 });
    expect(ids).toEqual(['a', 'f']);
    const { features: all } = await backbone.run(batch);
    expect([...features.data]).toEqual([
      ...all.data.subarray(0, 5),
      ...all.data.subarray(15, 20).map(v => v + 3),
    ]);
    expect(failures.map(({ id, code }) => `${id} ${code}`)).toEqual([
      'b MODEL_INPUT_MISMATCH',
      'c MODEL_INPUT_MISMATCH',
      'd SAMPLE_INVALID',
      'e MODEL_INPUT_MISMATCH',
      'g MODEL_INPUT_MISMATCH',
    ]);
    await backbone.close();
  });
});
