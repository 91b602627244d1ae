import { fileURLToPath } from 'node:url';
import { openBackbone } from '@ood/features';
import { describe, expect, it } from 'vitest';
import { body, image, type ModelParts, modelOf, node, random, trunk, vector } from './models.ts';

const caseOf = (name: string) => fileURLToPath(new URL(`../cases/models/${name}`, import.meta.url));

describe('a model whose outputs depend on the rest of the batch is refused', () => {
  it.each([
    ['01-batchnorm-training-mode/cnn-train-legacy.onnx', /BatchNormalization node "\/1\/BatchNormalization"/],
    ['01-batchnorm-training-mode/vector-bn-training.onnx', /BatchNormalization node that makes "f"/],
  ])('%s, naming the node', async (name, where) => {
    await expect(openBackbone(caseOf(name))).rejects.toMatchObject({
      code: 'BATCH_DEPENDENT',
      where: expect.stringMatching(where),
      advice: expect.stringContaining('evaluation mode'),
    });
  });

  it('statistics over the rows, in a graph of any head', async () => {
    const centered = modelOf({
      nodes: [
        node('ReduceMean', ['x'], ['mean'], { axes: [0n] }),
        node('Sub', ['x', 'mean'], ['c']),
        node('Relu', ['c'], ['y']),
      ],
      outputs: [{ name: 'y', type: 'float32', dims: ['batch', 6] }],
    });
    await expect(openBackbone(centered)).rejects.toMatchObject({
      code: 'BATCH_DEPENDENT',
      where: expect.stringContaining('ReduceMean'),
    });
  });
});

/** Of the classifier `[b, 6] → 12 features → 4 logits` that most of these cases spell in their own way. */
const plain = { featureSize: 12, classes: 4 };

describe('a head is found by its structure, and proved', () => {
  it.each<[string, { featureSize: number; classes: number; kind: string; tolerance?: number }]>([
    ['02-logits-taken-for-features/b-clip', { ...plain, kind: 'Gemm' }],
    ['02-logits-taken-for-features/b-temperature', { ...plain, kind: 'Gemm' }],
    ['02-logits-taken-for-features/b-two-heads', { ...plain, kind: 'Gemm' }],
    ['02-logits-taken-for-features/g-head-in-if', { ...plain, kind: 'Gemm' }],
    ['02-logits-taken-for-features/h-local-function', { ...plain, kind: 'Gemm' }],
    ['02-logits-taken-for-features/k-binary', { featureSize: 12, classes: 1, kind: 'Gemm' }],
    ['02-logits-taken-for-features/k-einsum', { ...plain, kind: 'Einsum' }],
    ['02-logits-taken-for-features/k-sub-bias', { ...plain, kind: 'MatMul' }],
    ['02-logits-taken-for-features/k-sum-bias', { ...plain, kind: 'MatMul' }],
    ['02-logits-taken-for-features/k-transposed', { ...plain, kind: 'MatMul' }],
    ['03-quantised-classifiers/cnn', { featureSize: 32, classes: 5, kind: 'Gemm' }],
    [
      '03-quantised-classifiers/cnn-dynamic-int8',
      { featureSize: 32, classes: 5, kind: 'MatMulInteger', tolerance: 0.1 },
    ],
    ['03-quantised-classifiers/cnn-qdq', { featureSize: 32, classes: 5, kind: 'Gemm', tolerance: 0.1 }],
    ['03-quantised-classifiers/int8-weight-matmul', { ...plain, kind: 'MatMul', tolerance: 0.1 }],
  ])('%s', async (name, { featureSize, classes, kind, tolerance = 1e-3 }) => {
    const backbone = await openBackbone(caseOf(`${name}.onnx`));
    expect(backbone.featureSize).toBe(featureSize);
    expect(backbone.head?.weights).toMatchObject({ rows: classes, cols: featureSize });
    const { head } = backbone.describe();
    expect(head).toMatchObject({ kind, classes, proof: { proved: true, tolerance } });
    await backbone.close();
    const embedder = await openBackbone(caseOf(`${name}.onnx`), { head: 'none' });
    expect(embedder.head).toBeUndefined();
    await embedder.close();
  });

  it('has weights that include what comes behind the layer', async () => {
    const W = random([6, 4], 1);
    const b = random([4], 2);
    const nodes = [
      node('MatMul', ['x', 'W'], ['z']),
      node('Sub', ['z', 'b'], ['s']),
      node('Mul', ['s', 'two'], ['t']),
      node('Neg', ['t'], ['y']),
    ];
    const two = { type: 'float32', dims: [], data: Float32Array.of(2) } as const;
    const backbone = await openBackbone(modelOf({ inputs: [vector], nodes, initializers: { W, b, two } }));
    const { weights, bias } = backbone.head!;
    for (let c = 0; c < 4; c++) {
      expect(bias[c]).toBeCloseTo(2 * (b.data[c] as number), 5);
      for (let j = 0; j < 6; j++)
        expect(weights.data[c * 6 + j]).toBeCloseTo(-2 * (W.data[j * 4 + c] as number), 5);
    }
    await backbone.close();
  });

  it('reads several tensors where several layers are averaged, as distilled transformers do', async () => {
    const nodes = [
      node('Relu', ['x'], ['f']),
      node('Sigmoid', ['x'], ['g']),
      node('MatMul', ['f', 'W'], ['a']),
      node('MatMul', ['g', 'V'], ['b']),
      node('Add', ['a', 'b'], ['s']),
      node('Div', ['s', 'two'], ['y']),
    ];
    const two = { type: 'float32', dims: [], data: Float32Array.of(2) } as const;
    const initializers = { W: random([6, 4], 1), V: random([6, 4], 2), two };
    const backbone = await openBackbone(modelOf({ inputs: [vector], nodes, initializers }));
    expect(backbone.featureSize).toBe(12);
    expect(backbone.describe().head).toMatchObject({ kind: 'MatMul', classes: 4, proof: { proved: true } });
    await backbone.close();
  });

  it('passes over a ReLU between convolution and pooling only where a head is required', async () => {
    const squeezenet = caseOf('02-logits-taken-for-features/n-conv-relu-gap.onnx');
    await expect(openBackbone(squeezenet)).rejects.toMatchObject({
      code: 'NO_HEAD',
      advice: expect.stringContaining("pass head: 'require' if the output is logits"),
    });
    const backbone = await openBackbone(squeezenet, { head: 'require' });
    expect(backbone.featureSize).toBe(8);
    expect(backbone.describe().head).toMatchObject({ kind: 'Conv', classes: 4, proof: { proved: true } });
    await backbone.close();
  });
});

const W = random([5, 4], 3);
const classifier: ModelParts = {
  nodes: [...body.nodes, node('MatMul', ['f', 'W'], ['z'])],
  initializers: { ...body.initializers, W },
};
const integers = (...list: number[]) =>
  ({ type: 'int64', dims: [list.length], data: BigInt64Array.from(list, BigInt) }) as const;
const floats = (dims: readonly number[], ...list: number[]) =>
  ({ type: 'float32', dims, data: Float32Array.from(list) }) as const;
const byte = (value: number) => ({ type: 'uint8', dims: [], data: Uint8Array.of(value) }) as const;
/** A normalization over the batch's statistics of training, of `x` to `name`. */
const normalized = (name: string, seed: number, x = 'f', size = 5) => ({
  node: node('BatchNormalization', [x, ...['s', 'b', 'm', 'v'].map(part => `${name}.${part}`)], [name]),
  initializers: {
    [`${name}.s`]: random([size], seed),
    [`${name}.b`]: random([size], seed + 1),
    [`${name}.m`]: random([size], seed + 2),
    [`${name}.v`]: floats([size], ...Array<number>(size).fill(0.5)),
  },
});

/** No process of its own: these are ours. */
const trusted = { trusted: true };

describe('a head is seen', () => {
  const second = normalized('g', 9);
  const first = normalized('k', 5);
  const behind = normalized('y', 5, 'z', 4);
  it.each<[string, ModelParts, string, number]>([
    [
      'behind the choice of a class',
      {
        ...classifier,
        nodes: [...classifier.nodes, node('ArgMax', ['z'], ['y'], { axis: 1n, keepdims: 0n })],
        outputs: [{ name: 'y', type: 'int64', dims: [null] }],
      },
      'f',
      5,
    ],
    [
      'behind the best probabilities',
      {
        nodes: [
          ...classifier.nodes,
          node('Softmax', ['z'], ['p'], { axis: 1n }),
          node('TopK', ['p', 'k'], ['y', 'i'], { axis: 1n }),
        ],
        initializers: { ...classifier.initializers, k: integers(2) },
        outputs: ['y', { name: 'i', type: 'int64', dims: [null, null] }],
      },
      'f',
      5,
    ],
    [
      'in front of a normalization',
      {
        nodes: [...classifier.nodes, behind.node],
        initializers: { ...classifier.initializers, ...behind.initializers },
      },
      'f',
      5,
    ],
    [
      'in several layers with normalizations of their own, by what those read in common',
      {
        nodes: [
          ...body.nodes,
          first.node,
          second.node,
          node('MatMul', ['k', 'W'], ['a']),
          node('MatMul', ['g', 'V'], ['c']),
          node('Add', ['a', 'c'], ['y']),
        ],
        initializers: {
          ...body.initializers,
          W,
          V: random([5, 4], 4),
          ...first.initializers,
          ...second.initializers,
        },
      },
      'f',
      5,
    ],
    [
      'in front of classes in another order',
      {
        nodes: [
          ...classifier.nodes,
          node('Transpose', ['z'], ['t'], { perm: [1n, 0n] }),
          node('GatherND', ['t', 'order'], ['u']),
          node('Transpose', ['u'], ['y'], { perm: [1n, 0n] }),
        ],
        initializers: {
          ...classifier.initializers,
          order: { type: 'int64', dims: [4, 1], data: BigInt64Array.of(3n, 2n, 1n, 0n) },
        },
      },
      'f',
      5,
    ],
  ])('%s', async (_, parts, layer, featureSize) => {
    const backbone = await openBackbone(modelOf(parts), trusted);
    expect(backbone.featureSize).toBe(featureSize);
    expect(backbone.describe()).toMatchObject({ layer, head: { classes: 4, proof: { proved: true } } });
    await backbone.close();
  });

  it('in layers that read and make integers, with features that are what the integers stand for', async () => {
    const scales = { sf: floats([], 0.05), zf: byte(3), sw: floats([], 0.01), zw: byte(100) };
    const made = { sy: floats([], 0.03), zy: byte(128), sc: floats([], 0.02), zc: byte(120) };
    const data = Uint8Array.from({ length: 20 }, (_, i) => (i * 37) % 201);
    const microsoft = (opType: string, inputs: string[], output: string) => ({
      ...node(opType, inputs, [output]),
      domain: 'com.microsoft',
    });
    const parts: ModelParts = {
      nodes: [
        ...body.nodes,
        node('QuantizeLinear', ['f', 'sf', 'zf'], ['q']),
        node('Transpose', ['q'], ['t'], { perm: [1n, 0n] }),
        node('Transpose', ['t'], ['u'], { perm: [1n, 0n] }),
        microsoft('QGemm', ['u', 'sf', 'zf', 'w', 'sw', 'zw', '', 'sy', 'zy'], 'r'),
        microsoft('QLinearMul', ['r', 'sy', 'zy', 'c', 'sc', 'zc', 'sy', 'zy'], 'o'),
        node('DequantizeLinear', ['o', 'sy', 'zy'], ['y']),
      ],
      initializers: {
        ...body.initializers,
        ...scales,
        ...made,
        w: { type: 'uint8', dims: [5, 4], data },
        c: { type: 'uint8', dims: [1], data: Uint8Array.of(170) },
      },
      opsets: { 'com.microsoft': 1 },
    };
    const backbone = await openBackbone(modelOf(parts), trusted);
    expect(backbone.describe().head).toMatchObject({ kind: 'QGemm', classes: 4, proof: { tolerance: 0.1 } });
    // 170 stands for (170 − 120) · 0.02 = 1.
    for (let c = 0; c < 4; c++)
      for (let j = 0; j < 5; j++)
        expect(backbone.head!.weights.data[c * 5 + j]).toBeCloseTo((data[j * 4 + c]! - 100) * 0.01, 5);
    const { features } = await backbone.run({ type: 'float32', dims: [2, 6], data: random([2, 6], 8).data });
    for (const value of features.data) expect(value / 0.05).toBeCloseTo(Math.round(value / 0.05), 3);
    await backbone.close();
  });
});

describe('logits never pass for features', () => {
  it.each<[string, ModelParts]>([
    [
      'of a product over maps in any order of its axes',
      {
        inputs: [image],
        nodes: [
          ...trunk.nodes,
          node('Einsum', ['m', 'V'], ['e'], { equation: 'bchw,kc->bkhw' }),
          node('ReduceMean', ['e'], ['y'], { axes: [2n, 3n], keepdims: 0n }),
        ],
        initializers: { ...trunk.initializers, V: random([7, 4], 3) },
      },
    ],
    [
      'of distances to the prototypes of classes',
      {
        nodes: [
          ...body.nodes,
          node('Unsqueeze', ['f', 'one'], ['u']),
          node('Sub', ['u', 'P'], ['d']),
          node('ReduceSumSquare', ['d'], ['s'], { axes: [2n], keepdims: 0n }),
          node('Neg', ['s'], ['y']),
        ],
        initializers: { ...body.initializers, P: random([3, 5], 3), one: integers(1) },
      },
    ],
  ])('%s', async (_, parts) => {
    await expect(openBackbone(modelOf(parts), trusted)).rejects.toMatchObject({ code: 'NO_HEAD' });
  });

  it.each([
    ['behind what is not affine', [node('MatMul', ['x', 'W'], ['z']), node('Tanh', ['z'], ['y'])]],
    ['behind a rectifier', [node('MatMul', ['x', 'W'], ['z']), node('Relu', ['z'], ['y'])]],
  ])('%s', async (_, nodes) => {
    const model = modelOf({ inputs: [vector], nodes, initializers: { W: random([6, 4], 1) } });
    await expect(openBackbone(model)).rejects.toMatchObject({
      code: 'NO_HEAD',
      advice: expect.stringMatching(/as layer, or pass head: 'none'/),
    });
  });

  it('of a linear layer with normalized rows: those are an embedding', async () => {
    const nodes = [
      node('MatMul', ['x', 'W'], ['z']),
      node('ReduceL2', ['z'], ['n'], { axes: [-1n], keepdims: 1n }),
      node('Div', ['z', 'n'], ['y']),
    ];
    const backbone = await openBackbone(
      modelOf({ inputs: [vector], nodes, initializers: { W: random([6, 4], 1) } }),
    );
    expect(backbone.featureSize).toBe(4);
    await backbone.close();
  });
});

it('the size of a kernel is known from its weights', async () => {
  const backbone = await openBackbone(caseOf('04-conv-without-kernel-shape/n-conv-no-kernel-shape.onnx'));
  expect(backbone.featureSize).toBe(8);
  expect(backbone.describe().head).toMatchObject({ kind: 'Conv', classes: 4 });
  await backbone.close();
});
