import { createRandom, isOodError, unitRows } from '@ood/core';
import { nodeRuntime } from '@ood/onnx/node';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { kMeans } from '../src/fitting/k-means.ts';
import {
  createFlow,
  decodeFlow,
  encodeFlow,
  fde,
  glow,
  type InitialFlow,
  type Matrix,
  maskedAutoregressive,
  neuralSpline,
  type Preset,
  realNvp,
  residual,
  toOnnx,
  toTensors,
} from '../src/index.ts';
import { normalArray } from '../src/random.ts';
import { expectClose } from './support/close.ts';
import { useQuietCpu } from './support/eager.ts';

beforeAll(useQuietCpu);

/** Non-negative rows around three class means, as penultimate features are. */
function features(rows: number, cols: number, seed = 1): { features: Matrix; labels: Int32Array } {
  const noise = normalArray(rows * cols, createRandom(seed));
  const centers = normalArray(3 * cols, createRandom(99));
  const labels = Int32Array.from({ length: rows }, (_, i) => i % 3);
  const data = noise.map((value, at) =>
    Math.max(0, 1 + centers[(Math.floor(at / cols) % 3) * cols + (at % cols)]! + 0.3 * value),
  );
  return { features: { rows, cols, data }, labels };
}

const presets: readonly (readonly [string, Preset])[] = [
  ['glow', glow({ blocks: 2 })],
  ['realNvp', realNvp()],
  ['residual', residual({ blocks: 1 })],
  ['neuralSpline', neuralSpline({ blocks: 2 })],
  ['maskedAutoregressive', maskedAutoregressive({ layers: 2 })],
  ['fde', fde()],
];

const links = ({ model }: InitialFlow) =>
  (model.bijection.options.links as { kind: string }[]).map(({ kind }) => kind);

describe.each(presets)('%s', (name, preset) => {
  it('carries its name and builds weights of its model, the same for the same seed', async () => {
    expect(preset.name).toBe(name);
    const sample = features(60, 6);
    const first = await preset.build(sample, createRandom(1));
    const second = await preset.build(sample, createRandom(1));
    expect(second.weights).toEqual(first.weights);
    const flow = createFlow(first.model, first.weights);
    const again = decodeFlow(encodeFlow(flow));
    const scores = await flow.logProb(sample.features);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(await again.logProb(sample.features)).toEqual(scores);
    await flow.close();
    await again.close();
  });

  it('after initialization on a batch, every ActNorm lets it out with mean 0 and variance 1', async () => {
    const sample = features(60, 6);
    const { model, weights } = await preset.build(sample, createRandom(1));
    const t = toTensors({ ...weights.parameters, ...weights.constants });
    const x = model.prepare(t, tf.tensor2d(sample.features.data, [60, 6]));
    const adapted = model.adapt(t, x);
    const norms = links({ model, weights }).filter(kind => kind === 'act-norm').length;
    expect(Object.keys(adapted)).toHaveLength(2 * norms);
    if (norms === 0) return;
    const { mean, variance } = tf.moments(model.transform({ ...t, ...adapted }, x), 0);
    const last = links({ model, weights }).at(-1) === 'act-norm';
    if (!last) return;
    for (const value of mean.dataSync()) expect(Math.abs(value)).toBeLessThan(1e-3);
    for (const value of variance.dataSync()) expect(value).toBeCloseTo(59 / 60, 2);
  });
});

describe('glow', () => {
  it('moves the even dimensions to the front', async () => {
    const built = await glow({ blocks: 1 }).build(features(4, 6), createRandom(1));
    expect([...built.weights.constants['bijection.0.order']!.data]).toEqual([0, 2, 4, 1, 3, 5]);
  });

  it('begins with different rotations, which keep lengths', async () => {
    const { model, weights } = await glow({ blocks: 3 }).build(features(4, 6), createRandom(1));
    const t = toTensors({ ...weights.parameters, ...weights.constants });
    const x = tf.tensor2d(normalArray(5 * 6, createRandom(2)), [5, 6]);
    const z = model.transform(t, x);
    expectClose(tf.norm(z, 2, 1).dataSync(), tf.norm(x, 2, 1).dataSync(), 1e-5);
    for (const part of ['sign', 'order']) {
      const [first, second] = [2, 5].map(i => weights.constants[`bijection.${i}.${part}`]!.data);
      expect(first, part).not.toEqual(second);
    }
  });
});

describe('as published', () => {
  const dim = 6;
  const norm = { kind: 'act-norm', dim };
  const rotation = { kind: 'lu-linear', dim, blocks: 2 };
  const coupling = (kept: string) => ({ kind: 'affine-coupling', dim, kept, hidden: [dim], bound: null });
  const residualBlock = { kind: 'residual-block', dim, hidden: [dim], coefficient: 0.9 };
  const spline = { kind: 'spline-coupling', dim, kept: 'even', hidden: [dim], bins: 8, bound: 3 };
  const masked = (reversed: boolean) => ({ kind: 'autoregressive-affine', dim, reversed, bound: 5 });
  const times = <T>(count: number, links: readonly T[]): T[] =>
    Array.from({ length: count }, () => links).flat();

  const paper = {
    optimizer: 'adam',
    learningRate: 1e-5,
    schedule: 'constant',
    batchSize: 250,
    steps: 5125,
    weightDecay: 0,
    clipNorm: null,
    noise: 0,
    validationFraction: 0,
    patience: null,
  };
  const likelihood = {
    optimizer: 'adamw',
    learningRate: 5e-4,
    schedule: 'cosine',
    batchSize: 250,
    epochs: 20,
    weightDecay: 1e-2,
    clipNorm: 10,
    noise: 0.05,
    validationFraction: 0.1,
    patience: 5,
  };

  it.each<[string, Preset, object[], object]>([
    ['glow', glow(), [{ kind: 'permutation' }, ...times(10, [coupling('first'), rotation, norm])], paper],
    ['realNvp', realNvp(), times(2, [norm, coupling('odd'), norm, coupling('even')]), paper],
    ['residual', residual(), times(4, [norm, residualBlock]), paper],
    ['neuralSpline', neuralSpline(), times(5, [norm, rotation, spline]), likelihood],
    [
      'maskedAutoregressive',
      maskedAutoregressive(),
      times(3, [norm, masked(false), norm, masked(true)]).slice(0, 10),
      likelihood,
    ],
  ])(
    '%s has these links, in the direction of the data, and this training',
    async (_, preset, wanted, training) => {
      const { model } = await preset.build(features(4, dim), createRandom(1));
      expect(model.bijection.options.links).toMatchObject(wanted);
      expect(model.bijection.options.links).toHaveLength(wanted.length);
      expect([model.preparation.kind, model.base.kind]).toEqual(['normalize', 'standard-normal']);
      expect(preset.training).toEqual(training);
    },
  );
});

describe('fde', () => {
  it('starts as the soft minimum of Mahalanobis distances in the whitened space', async () => {
    const sample = features(200, 8);
    const { model, weights } = await fde({ shrinkage: 0.1 }).build(sample, createRandom(5));
    const t = toTensors({ ...weights.parameters, ...weights.constants });
    const prepared = model.prepare(t, tf.tensor2d(sample.features.data, [200, 8]));
    expectClose(model.transform(t, prepared).dataSync(), prepared.dataSync(), 1e-6);
    const means = weights.constants['base.mean']!;
    const white = prepared.arraySync();
    const wanted = white.map(row => {
      const terms = [0, 1, 2].map(
        k => -0.5 * row.reduce((sum, v, j) => sum + (v - means.data[k * 8 + j]!) ** 2, 0),
      );
      return Math.log(terms.reduce((sum, term) => sum + Math.exp(term), 0) / 3) - 4 * Math.log(2 * Math.PI);
    });
    expectClose(model.logProb(t, prepared).dataSync(), wanted, 1e-4);
  });

  it('takes clusters where there are no labels, whatever numbers the labels are', async () => {
    const { features: rows, labels } = features(90, 6);
    const scores = await Promise.all(
      [labels, labels.map(label => 10 - 7 * label), undefined].map(async classes => {
        const built = await fde({ clusters: 3 }).build(
          { features: rows, ...(classes ? { labels: classes } : {}) },
          createRandom(2),
        );
        const flow = createFlow(built.model, built.weights);
        return flow.logProb(rows).finally(() => flow.close());
      }),
    );
    expectClose(scores[1]!, scores[0]!, 1e-4);
    expectClose(scores[2]!, scores[0]!, 1e-3);
  });

  it('cuts many columns to leading directions, and exports under 30 MB at 2048', async () => {
    const sample = features(300, 2048);
    const { model, weights } = await fde().build(sample, createRandom(1), { runtime: nodeRuntime });
    expect([model.inputDim, model.dim]).toEqual([2048, 256]);
    const bytes = await toOnnx({ model, weights });
    expect(bytes.length).toBeLessThan(30e6);
    const flow = createFlow(model, weights);
    const some = { rows: 5, cols: 2048, data: sample.features.data.slice(0, 5 * 2048) };
    expect((await flow.logProb(some)).every(Number.isFinite)).toBe(true);
    await flow.close();
  }, 120_000);

  it.each([
    ['NaN', { rows: 2, cols: 2, data: Float32Array.from([1, 2, Number.NaN, 1]) }, undefined, 'NON_FINITE'],
    ['no rows', { rows: 0, cols: 2, data: new Float32Array() }, undefined, 'EMPTY_INPUT'],
    [
      'labels of others',
      { rows: 2, cols: 2, data: new Float32Array(4).fill(1) },
      new Int32Array(3),
      'BAD_LABELS',
    ],
  ])('refuses %s', async (_, matrix, labels, code) => {
    const failure = await fde()
      .build({ features: matrix, ...(labels ? { labels } : {}) }, createRandom(1))
      .catch(error => error);
    expect(isOodError(failure) && failure.code).toBe(code);
  });
});

it('k-means finds separated clusters and stops at distinct values', () => {
  const { features: rows, labels } = features(60, 6);
  const clusters = kMeans(unitRows(rows), 3, createRandom(1));
  const pairs = new Set(Array.from(labels, (label, i) => `${label}:${clusters[i]}`));
  expect(pairs.size).toBe(3);
  const same = { rows: 4, cols: 2, data: new Float32Array(8).fill(1) };
  expect([...kMeans(same, 3, createRandom(1))]).toEqual([0, 0, 0, 0]);
});

it('unit rows have length one at any magnitude, and a zero row stays zero', () => {
  const { data } = unitRows({
    rows: 4,
    cols: 2,
    data: Float32Array.from([3e38, 3e38, 1e-45, 0, 0, 0, 3, 4]),
  });
  expectClose(data, [Math.SQRT1_2, Math.SQRT1_2, 1, 0, 0, 0, 0.6, 0.8], 1e-6);
});
