import { readFileSync } from 'node:fs';
import { createRandom } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  actNorm,
  classConditional,
  createFlow,
  defineFlow,
  fixedAffine,
  inverse,
  joinWeights,
  type Matrix,
  noPreparation,
  normalize,
  standardization,
  tiedCovariance,
  toTensors,
  type Weights,
  whitening,
} from '../src/index.ts';
import { normalArray } from '../src/random.ts';
import { expectClose } from './support/close.ts';
import { useQuietCpu } from './support/eager.ts';

beforeAll(useQuietCpu);

const rows = 300;
const dim = 5;
const labels = Int32Array.from({ length: rows }, (_, i) => [7, -1, 4][i % 3]!);

/** Correlated rows around three class means. */
function correlated(): Matrix {
  const noise = normalArray(rows * dim, createRandom(3));
  const data = noise.map((value, at) => {
    const column = at % dim;
    const before = column > 0 ? noise[at - 1]! : 0;
    return (column + 1) * (value + 0.8 * before) + column * labels[Math.floor(at / dim)]!;
  });
  return { rows, cols: dim, data };
}

function covarianceOf(data: Float32Array, groups: Int32Array): number[] {
  const means = new Map<number, number[]>();
  for (const group of new Set(groups)) {
    const own = [...groups.keys()].filter(i => groups[i] === group);
    means.set(
      group,
      Array.from({ length: dim }, (_, j) => own.reduce((s, i) => s + data[i * dim + j]!, 0) / own.length),
    );
  }
  return Array.from({ length: dim * dim }, (_, at) => {
    const [a, b] = [Math.floor(at / dim), at % dim];
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      const mean = means.get(groups[i]!)!;
      sum += (data[i * dim + a]! - mean[a]!) * (data[i * dim + b]! - mean[b]!);
    }
    return sum / rows;
  });
}

const identity = Array.from({ length: dim * dim }, (_, i) => (i % (dim + 1) === 0 ? 1 : 0));
const apply = (weights: Weights, { data }: Matrix) =>
  fixedAffine(dim).forward(toTensors(weights.constants), tf.tensor2d(data, [rows, dim]));

describe.each(['cholesky', 'pca', 'zca'] as const)('%s whitening', method => {
  it.each([
    ['the total covariance', undefined],
    ['the within-class covariance', labels],
  ])('makes %s the identity, and its inverse undoes it', async (_, classes) => {
    const x = correlated();
    const weights = await whitening(x, { method, shrinkage: 0, ...(classes ? { labels: classes } : {}) });
    const { value, logDet } = apply(weights, x);
    const data = value.dataSync() as Float32Array;
    expectClose(covarianceOf(data, classes ?? new Int32Array(rows)), identity, 1e-4);
    const back = fixedAffine(dim).inverse(toTensors(weights.constants), value);
    expectClose(back.value.dataSync(), x.data, 1e-5);
    const determinants = covarianceOf(x.data, classes ?? new Int32Array(rows));
    expect(2 * logDet.dataSync()[0]!).toBeCloseTo(-logDeterminant(determinants), 3);
  });
});

function logDeterminant(matrix: number[]): number {
  const a = matrix.slice();
  let sum = 0;
  for (let k = 0; k < dim; k++) {
    sum += Math.log(a[k * dim + k]!);
    for (let i = k + 1; i < dim; i++) {
      const f = a[i * dim + k]! / a[k * dim + k]!;
      for (let j = k; j < dim; j++) a[i * dim + j]! -= f * a[k * dim + j]!;
    }
  }
  return sum;
}

it('ZCA is symmetric and PCA sorts by descending variance', async () => {
  const x = correlated();
  const zca = (await whitening(x, { method: 'zca' })).constants.matrix!.data;
  for (let i = 0; i < dim; i++)
    for (let j = 0; j < i; j++) expect(zca[i * dim + j]).toBeCloseTo(zca[j * dim + i]!, 5);
  const pca = (await whitening(x, { method: 'pca' })).constants.matrix!.data;
  const norms = Array.from({ length: dim }, (_, j) =>
    Math.hypot(...Array.from({ length: dim }, (_, i) => pca[i * dim + j]!)),
  );
  expect(norms).toEqual([...norms].sort((a, b) => a - b));
});

it('shrinkage mixes the covariance with as large a multiple of the identity', async () => {
  const x = correlated();
  const share = 0.25;
  const { logDet } = apply(await whitening(x, { shrinkage: share }), x);
  const covariance = covarianceOf(x.data, new Int32Array(rows));
  const trace = covariance.reduce((sum, v, at) => sum + (at % (dim + 1) === 0 ? v : 0), 0);
  const mixed = covariance.map(
    (v, at) => (1 - share) * v + (at % (dim + 1) === 0 ? (share * trace) / dim : 0),
  );
  expect(2 * logDet.dataSync()[0]!).toBeCloseTo(-logDeterminant(mixed), 3);
});

it('standardization gives mean 0 and variance 1, and only centers a constant column', () => {
  const x = correlated();
  const columns = covarianceOf(x.data, new Int32Array(rows)).filter((_, i) => i % (dim + 1) === 0);
  const heights = columns.slice(1).reduce((sum, variance) => sum + 0.5 * Math.log(variance), 0);
  for (let i = 0; i < rows; i++) x.data[i * dim] = 42;
  const { value, logDet } = apply(standardization(x), x);
  expect(logDet.dataSync()[0]).toBeCloseTo(-heights, 4);
  const variances = covarianceOf(value.dataSync() as Float32Array, new Int32Array(rows));
  expectClose(
    variances.filter((_, i) => i % (dim + 1) === 0),
    [0, 1, 1, 1, 1],
    1e-4,
  );
});

it('a singular covariance is refused, and shrinkage is the way out', async () => {
  const x = correlated();
  for (let i = 0; i < rows; i++) x.data[i * dim] = 42;
  await expect(whitening(x, { shrinkage: 0 })).rejects.toMatchObject({ code: 'SINGULAR_COVARIANCE' });
  await expect(whitening(x)).resolves.toBeDefined();
});

it.each([
  ['a mistyped method', { method: 'PCA' as 'pca' }, '"method"'],
  ['shrinkage beyond the identity', { shrinkage: 2 }, '"shrinkage"'],
  ['shrinkage that is no number', { shrinkage: Number.NaN }, '"shrinkage"'],
  ['a mistyped option', { shrink: 0.1 } as object, '"shrink"'],
])('%s: refused by name', async (_, options, name) => {
  await expect(whitening(correlated(), options)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(name),
  });
});

it('numbers that are not finite, and torn matrices, are refused', async () => {
  const nan = { rows: 2, cols: 2, data: Float32Array.of(1, 2, Number.NaN, 4) };
  await expect(whitening(nan)).rejects.toMatchObject({ code: 'NON_FINITE' });
  expect(() => standardization(nan)).toThrow(/row 1/);
  await expect(whitening({ ...nan, rows: 3 })).rejects.toMatchObject({ code: 'WRONG_SHAPE' });
});

it('rows that do not differ within their classes have no covariance, and the error says so', async () => {
  const rows = { rows: 2, cols: 2, data: Float32Array.of(1, 2, 3, 4) };
  const each = Int32Array.of(0, 1);
  await expect(whitening(rows, { labels: each })).rejects.toThrow(/differ within their classes/);
});

it('class-conditional Gaussians far from zero are as exact as those near it', async () => {
  const near = normalArray(60 * 4, createRandom(5), 1e-3);
  const far = { rows: 60, cols: 4, data: near.map((value, at) => value + 100 * ((at % 4) + 1)) };
  // The numbers that are left of them so far out, in float64.
  const exact = Float64Array.from(far.data, (value, at) => value - 100 * ((at % 4) + 1));
  const classes = Int32Array.from({ length: 60 }, (_, i) => i % 2);
  const { weights } = await tiedCovariance(far, classes);
  const { mean, whitener } = weights.constants;
  const density = classConditional(4, { classes: 2, reading: 'nearest' });
  const scores = density.logProb(toTensors(weights.constants), tf.tensor2d(far.data, [60, 4])).dataSync();
  const height = weights.constants.logDet!.data[0]! - 2 * Math.log(2 * Math.PI) - Math.log(2);
  const wanted = Array.from({ length: 60 }, (_, i) => {
    const distances = [0, 1].map(k => {
      const off = [0, 1, 2, 3].map(j => exact[i * 4 + j]! - (mean!.data[k * 4 + j]! - 100 * (j + 1)));
      const white = [0, 1, 2, 3].map(j => off.reduce((sum, o, c) => sum + o * whitener!.data[c * 4 + j]!, 0));
      return white.reduce((sum, w) => sum + w * w, 0);
    });
    return height - 0.5 * Math.min(...distances);
  });
  expectClose(scores, wanted, 1e-4);
});

it.each(['mixture', 'nearest'] as const)(
  'a tight class-conditional %s is finite at any distance',
  reading => {
    const wide = 400;
    const tight = (value: number) =>
      Float32Array.from({ length: wide * wide }, (_, i) => (i % (wide + 1) === 0 ? value : 0));
    const constants = {
      mean: { shape: [2, wide], data: normalArray(2 * wide, createRandom(1)) },
      whitener: { shape: [wide, wide], data: tight(1e6) },
      unwhitener: { shape: [wide, wide], data: tight(1e-6) },
      logDet: { shape: [], data: Float32Array.of(wide * Math.log(1e6)) },
    };
    const density = classConditional(wide, { classes: 2, reading });
    const model = defineFlow(noPreparation(wide), actNorm(wide), density);
    const norm = model.bijection.initialize(createRandom(1));
    const t = toTensors({
      ...joinWeights({ bijection: norm }).parameters,
      ...joinWeights({ base: { parameters: {}, constants } }).constants,
    });
    const rows = tf.tensor2d([1, 1e12, 3e38].map(value => new Array(wide).fill(value)));
    for (const value of model.logProb(t, rows).dataSync()) expect(Number.isFinite(value)).toBe(true);
  },
);

it.each([
  ['no rows', { rows: 0, cols: 2, data: new Float32Array() }, new Int32Array(), 'EMPTY_INPUT'],
  ['too few labels', { rows: 2, cols: 1, data: new Float32Array(2) }, new Int32Array(1), 'BAD_LABELS'],
])('%s: refused', async (_, matrix, classes, code) => {
  await expect(tiedCovariance(matrix, classes)).rejects.toMatchObject({ code });
});

it('class-conditional Gaussians under an identity flow order rows as Mahalanobis++', async () => {
  const golden = JSON.parse(
    readFileSync(new URL('./golden/mahalanobis-plus-plus.json', import.meta.url), 'utf8'),
  );
  const asMatrix = (values: number[][]): Matrix => ({
    rows: values.length,
    cols: values[0]!.length,
    data: Float32Array.from(values.flat()),
  });
  const unit = (values: number[][]) => values.map(row => row.map(v => v / Math.hypot(...row)));
  const width = golden.train_x[0].length;
  const { classes, weights } = await tiedCovariance(
    asMatrix(unit(golden.train_x)),
    Int32Array.from(golden.train_y),
  );
  const identityFlow = inverse(actNorm(width));
  const model = defineFlow(
    normalize(width),
    identityFlow,
    classConditional(width, { classes, reading: 'nearest' }),
  );
  const bijection = identityFlow.initialize(createRandom(1));
  const flow = createFlow(model, joinWeights({ bijection, base: weights }));
  const height = weights.constants.logDet!.data[0]! - 0.5 * width * Math.log(2 * Math.PI) - Math.log(classes);
  for (const part of ['id', 'ood'] as const) {
    const distances = (await flow.logProb(asMatrix(golden[`${part}_x`]))).map(value => 2 * (value - height));
    expectClose(distances, golden[`${part}_scores`], 1e-5);
  }
  await flow.close();
});
