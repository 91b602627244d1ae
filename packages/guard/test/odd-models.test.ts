import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeModel, encodeModel, makeGraph, makeModel, makeNode, type Tensor } from '@ood/onnx';
import { nodeRuntime, readModel } from '@ood/onnx/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportGuard, fitGuard, openGuard, type Verdict } from '../src/index.ts';
import { glyphOptions } from './glyph-guard.ts';
import { glyphs } from './glyphs.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-odd-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const weights = (rows: number, cols: number): Tensor => ({
  type: 'float32',
  dims: [rows, cols],
  data: Float32Array.from({ length: rows * cols }, (_, i) => Math.sin((i + 1) ** 2 * 1.7)),
});

/** A model of vectors of 6 numbers; its tensors have the names that a guard's outputs have. */
function vectorModel({ batch, head }: { batch: number | string; head: boolean }): Uint8Array {
  const graph = makeGraph('odd', {
    inputs: [{ name: 'score', type: 'float32', dims: [batch, 6] }],
    outputs: [{ name: head ? 'is_ood' : 'p_value', type: 'float32', dims: [batch, head ? 3 : 8] }],
    nodes: [
      makeNode('Gemm', { inputs: ['score', 'features'], outputs: ['logits'] }),
      makeNode('Tanh', { inputs: ['logits'], outputs: ['p_value'] }),
      ...(head ? [makeNode('Gemm', { inputs: ['p_value', 'W'], outputs: ['is_ood'] })] : []),
    ],
    initializers: { features: weights(6, 8), ...(head && { W: weights(8, 3) }) },
  });
  return encodeModel(makeModel(graph, { opset: 13 }));
}

/** Three clusters of vectors. */
function vectors(count: number, from = 0) {
  const samples = Array.from({ length: count }, (_, i) => {
    const label = i % 3;
    const vector = Float32Array.from(
      { length: 6 },
      (_, j) => (j % 3 === label ? 1 : 0) + 0.05 * Math.sin((from + i) * (j + 2.3)),
    );
    return { id: String(i), label, vector };
  });
  return {
    length: count,
    async *[Symbol.asyncIterator]() {
      yield* samples;
    },
  };
}

describe.each([
  ['of a free batch, with a head', { batch: 'n', head: true }],
  ['of a free batch, without a head', { batch: 'n', head: false }],
  ['of a batch fixed to 1', { batch: 1, head: true }],
  ['of a batch fixed to 4, without a head', { batch: 4, head: false }],
] as const)('a model of vectors %s', (what, kind) => {
  it('becomes a guard, and an exported one that agrees with it', async () => {
    const path = join(folder, what.replaceAll(/\W/g, '-'));
    const made = await fitGuard(path, {
      model: vectorModel(kind),
      backbone: { head: kind.head ? 'require' : 'none' },
      train: vectors(300),
      calibration: vectors(100, 1000),
      detector: 'knn',
      detectorOptions: { k: 5 },
    });
    expect(made).toMatchObject({ featureSize: 8, classes: kind.head ? 3 : null, preprocessing: null });
    const guard = await openGuard(path);
    const inputs = [];
    for await (const { vector } of vectors(8, 5000)) inputs.push(vector);
    inputs[7] = inputs[7]!.map(value => -value);
    const outcomes = await guard.checkBatch(inputs, { batchSize: 8 });
    const [image] = await guard.checkBatch([new Uint8Array(10)]);
    expect(image).toMatchObject({
      refusal: { reason: expect.stringContaining('expected a vector [6], since the guard was made without') },
    });
    await guard.close();
    const verdicts = outcomes.map(outcome => (outcome as { verdict: Verdict }).verdict);
    expect(verdicts[7]).toMatchObject({ isOod: true });
    expect(verdicts.every(({ prediction }) => (prediction !== undefined) === kind.head)).toBe(true);

    const file = `${path}.onnx`;
    const { sample } = await exportGuard(path, file);
    expect(sample.decisions).toBe(0);
    const session = await nodeRuntime.createSession(file);
    expect(session.outputs.map(({ name }) => name)).toEqual([
      ...(kind.head ? ['logits'] : []),
      'score',
      'p_value',
      'is_ood',
    ]);
    const rows = typeof kind.batch === 'number' ? kind.batch : 8;
    const data = Float32Array.from(inputs.slice(0, rows).flatMap(vector => [...vector]));
    const outputs = await session.run({
      [session.inputs[0]!.name]: { type: 'float32', dims: [rows, 6], data },
    });
    await session.close();
    for (const [i, value] of (outputs.score!.data as Float32Array).entries()) {
      expect(value).toBeCloseTo(verdicts[i]!.score, 3);
    }
  });
});

it('a head of one class gets the density alone by default, and no detector that says nothing of one logit', async () => {
  const graph = makeGraph('binary', {
    inputs: [{ name: 'x', type: 'float32', dims: ['n', 6] }],
    outputs: [{ name: 'logit', type: 'float32', dims: ['n', 1] }],
    nodes: [
      makeNode('Gemm', { inputs: ['x', 'A'], outputs: ['h'] }),
      makeNode('Tanh', { inputs: ['h'], outputs: ['f'] }),
      makeNode('Gemm', { inputs: ['f', 'W'], outputs: ['logit'] }),
    ],
    initializers: { A: weights(6, 8), W: weights(8, 1) },
  });
  const path = join(folder, 'binary');
  const options = {
    model: encodeModel(makeModel(graph)),
    train: vectors(300),
    calibration: vectors(100, 1000),
  };
  const made = await fitGuard(path, { ...options, detectorOptions: { epochs: 1 } });
  expect(made).toMatchObject({ classes: 1, detector: { name: 'fde' } });
  const guard = await openGuard(path);
  const { vector } = (await vectors(1, 5000)[Symbol.asyncIterator]().next()).value!;
  expect(await guard.check(vector)).toMatchObject({
    prediction: {
      decision: 'sigmoid-binary',
      index: expect.any(Number),
      probability: expect.any(Number),
    },
  });
  await guard.close();
  await expect(fitGuard(`${path}-msp`, { ...options, detector: 'msp' })).rejects.toMatchObject({
    code: 'CONSTANT_SCORES',
    message: expect.stringContaining('the score -1 for all 100'),
  });
});

it.each([
  ['with names', ['red', 'green', 'blue']],
  ['without names', undefined],
])('labels that are right or not by themselves are predicted as such, %s', async (what, names) => {
  const graph = makeGraph('labels', {
    inputs: [{ name: 'x', type: 'float32', dims: ['n', 6] }],
    outputs: [{ name: 'probabilities', type: 'float32', dims: ['n', 3] }],
    nodes: [
      makeNode('Gemm', { inputs: ['x', 'A'], outputs: ['h'] }),
      makeNode('Tanh', { inputs: ['h'], outputs: ['f'] }),
      makeNode('Gemm', { inputs: ['f', 'W'], outputs: ['logits'] }),
      makeNode('Sigmoid', { inputs: ['logits'], outputs: ['probabilities'] }),
    ],
    initializers: { A: weights(6, 8), W: weights(8, 3) },
  });
  const path = join(folder, `labels-${what}`);
  await fitGuard(path, {
    model: encodeModel(makeModel(graph)),
    train: vectors(300),
    calibration: vectors(100, 1000),
    detector: 'knn',
    detectorOptions: { k: 5 },
    ...(names && { classes: names }),
  });
  const guard = await openGuard(path, { worker: false });
  const inputs = [];
  for await (const { vector } of vectors(20, 5000)) inputs.push(vector);
  for (const outcome of await guard.checkBatch(inputs)) {
    const { logits, prediction } = (outcome as { verdict: Verdict }).verdict;
    const shares = Array.from(logits!, logit => 1 / (1 + Math.exp(-logit)));
    const likely = shares
      .map((probability, index) => ({ index, ...(names && { name: names[index] }), probability }))
      .sort((a, b) => b.probability - a.probability);
    expect(prediction).toEqual({
      decision: 'multi-label',
      ...likely[0],
      labels: likely.filter(({ probability }) => probability >= 0.5),
    });
  }
  await guard.close();
  const { metadata } = describeModel(
    await exportGuard(path, `${path}.onnx`, { threads: 1 }).then(() => readModel(`${path}.onnx`)),
  );
  expect(metadata['ood.decision']).toBe('multi-label');
});

it('a layer beside the head keeps the logits, for detectors, predictions and the exported file', async () => {
  const path = join(folder, 'beside');
  const made = await fitGuard(path, {
    model: vectorModel({ batch: 'n', head: true }),
    backbone: { layer: 'logits' },
    train: vectors(300),
    calibration: vectors(100, 1000),
    detector: 'energy',
  });
  expect(made).toMatchObject({
    featureSize: 8,
    classes: 3,
    backbone: { head: { missing: expect.any(String) } },
  });
  const guard = await openGuard(path);
  const { vector } = (await vectors(1, 5000)[Symbol.asyncIterator]().next()).value!;
  const { logits, score, prediction } = await guard.check(vector);
  await guard.close();
  expect(score).toBeCloseTo(-Math.log(logits!.reduce((sum, logit) => sum + Math.exp(logit), 0)), 4);
  expect(prediction!.index).toBe(logits!.indexOf(Math.max(...logits!)));
  expect((await exportGuard(path, `${path}.onnx`)).sample.decisions).toBe(0);
});

it('a classifier gets the fused detector by default, whose flow is explained', async () => {
  const path = join(folder, 'default');
  const { detector: _, ...options } = glyphOptions({ train: glyphs('train', 8) });
  const made = await fitGuard(path, { ...options, detectorOptions: { flow: 'always', epochs: 2 } });
  expect(made.detector.name).toBe('fde-fused');
  const guard = await openGuard(path);
  const { verdict, density } = await guard.explain((await glyphs('test').read(7)).pixels);
  await guard.close();
  expect(verdict.pValue).toBeGreaterThan(0);
  expect(density!.layers.length).toBeGreaterThan(2);
  const sum = density!.layers.reduce((total, { logDet }) => total + logDet, density!.base);
  expect(sum).toBeCloseTo(density!.logProb, 6);
});
