import { fileURLToPath } from 'node:url';
import { openBackbone } from '@ood/features';
import { describe, expect, it } from 'vitest';
import { modelOf, node, random, vector } from './models.ts';

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
    await expect(openBackbone(squeezenet)).rejects.toMatchObject({ code: 'NO_HEAD' });
    const backbone = await openBackbone(squeezenet, { head: 'require' });
    expect(backbone.featureSize).toBe(8);
    expect(backbone.describe().head).toMatchObject({ kind: 'Conv', classes: 4, proof: { proved: true } });
    await backbone.close();
  });
});

describe('logits never pass for features', () => {
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
