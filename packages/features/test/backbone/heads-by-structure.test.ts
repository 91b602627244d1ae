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

describe('logits never pass for features', () => {
  const refused = [
    'b-clip',
    'b-temperature',
    'b-two-heads',
    'g-head-in-if',
    'h-local-function',
    'k-binary',
    'k-einsum',
    'k-sub-bias',
    'k-sum-bias',
    'k-transposed',
    'n-conv-relu-gap',
  ].map(name => `02-logits-taken-for-features/${name}.onnx`);
  it.each([
    ...refused,
    '03-quantised-classifiers/cnn-dynamic-int8.onnx',
    '03-quantised-classifiers/cnn-qdq.onnx',
  ])('of %s', async name => {
    await expect(openBackbone(caseOf(name))).rejects.toMatchObject({
      code: 'NO_HEAD',
      advice: expect.stringMatching(/as layer, or pass head: 'none'/),
    });
    const embedder = await openBackbone(caseOf(name), { head: 'none' });
    expect(embedder.head).toBeUndefined();
    await embedder.close();
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
