import { readFileSync } from 'node:fs';
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
  normalise,
  seededRng,
  standardisation,
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
  const noise = normalArray(rows * dim, seededRng(3));
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

it('standardisation gives mean 0 and variance 1, and only centres a constant column', () => {
  const x = correlated();
  for (let i = 0; i < rows; i++) x.data[i * dim] = 42;
  const { value } = apply(standardisation(x), x);
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
    normalise(width),
    identityFlow,
    classConditional(width, { classes, reading: 'nearest' }),
  );
  const bijection = identityFlow.initialise(seededRng(1));
  const flow = createFlow(model, joinWeights({ bijection, base: weights }));
  const height = weights.constants.logDet!.data[0]! - 0.5 * width * Math.log(2 * Math.PI) - Math.log(classes);
  for (const part of ['id', 'ood'] as const) {
    const distances = (await flow.logProb(asMatrix(golden[`${part}_x`]))).map(value => 2 * (value - height));
    expectClose(distances, golden[`${part}_scores`], 1e-5);
  }
  await flow.close();
});
