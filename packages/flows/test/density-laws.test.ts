import { createRandom } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  affineCoupling,
  autoregressiveAffine,
  chain,
  classConditional,
  createFlow,
  type Density,
  defineFlow,
  diagonalNormal,
  gaussianMixture,
  inverse,
  luLinear,
  noPreparation,
  residualBlock,
  splineCoupling,
  standardNormal,
  toTensors,
} from '../src/index.ts';
import { randomWeights } from '../src/laws/random-weights.ts';
import { useQuietCpu } from './support/eager.ts';

beforeAll(useQuietCpu);

const densities: readonly (readonly [string, (dim: number) => Density])[] = [
  ['standardNormal', standardNormal],
  ['diagonalNormal', diagonalNormal],
  ['gaussianMixture', dim => gaussianMixture(dim, { components: 3 })],
  ['gaussianMixture, fixed', dim => gaussianMixture(dim, { components: 4, trained: false })],
  ['classConditional', dim => stretched(classConditional(dim, { classes: 3 }))],
];

/** A class-conditional density whose covariance is not the identity: its first two components are correlated. */
function stretched(density: Density): Density {
  const { dim } = density;
  const square = (diagonal: number, corner: number) => ({
    shape: [dim, dim],
    data: Float32Array.from({ length: dim * dim }, (_, i) =>
      i % (dim + 1) === 0 ? diagonal : i === 1 && dim > 1 ? corner : 0,
    ),
  });
  return {
    ...density,
    initialize(rng) {
      const { parameters, constants } = density.initialize(rng);
      const logDet = { shape: [], data: Float32Array.of(dim * Math.log(2)) };
      const covariance = { whitener: square(2, 1.5), unwhitener: square(0.5, -0.375), logDet };
      return { parameters, constants: { ...constants, ...covariance } };
    },
  };
}

const reach = 9;
const grid = (cell: number) => {
  const axis = Array.from({ length: Math.round((2 * reach) / cell) + 1 }, (_, i) => -reach + i * cell);
  return tf.tensor2d(axis.flatMap(a => axis.map(b => [a, b])));
};

/** ∫ p, ∫ p log p and ∫ p x over the plane, by the midpoint rule, which is exact to rounding for smooth densities. */
function integrals(logProb: (points: tf.Tensor2D) => tf.Tensor1D, cell: number) {
  const points = grid(cell);
  const logs = logProb(points).dataSync();
  const places = points.dataSync();
  let mass = 0;
  let entropy = 0;
  const mean = [0, 0];
  for (const [i, log] of logs.entries()) {
    const share = Math.exp(log) * cell * cell;
    mass += share;
    entropy += share * Math.max(log, -700);
    mean[0]! += share * places[2 * i]!;
    mean[1]! += share * places[2 * i + 1]!;
  }
  return { mass, entropy, mean };
}

function meanAndError(values: ArrayLike<number>): { mean: number; error: number } {
  const all = Array.from(values);
  const mean = all.reduce((sum, v) => sum + v, 0) / all.length;
  const variance = all.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (all.length - 1);
  return { mean, error: Math.sqrt(variance / all.length) };
}

describe.each(densities)('%s', (_, make) => {
  const density = make(2);
  const weights = randomWeights(density, 11);
  const tensors = () => toTensors({ ...weights.parameters, ...weights.constants });

  it('integrates to 1 in the plane', () => {
    const t = tensors();
    expect(integrals(points => density.logProb(t, points), 0.15).mass).toBeCloseTo(1, 4);
  });

  it('draws samples whose mean and mean log-probability are those of the density', () => {
    const t = tensors();
    const { entropy, mean } = integrals(points => density.logProb(t, points), 0.15);
    const sample = density.sample(weights, 4000, createRandom(3));
    const logs = density.logProb(t, tf.tensor2d(sample.data, [sample.rows, sample.cols])).dataSync();
    const seen = meanAndError(logs);
    expect(Math.abs(seen.mean - entropy)).toBeLessThan(4 * seen.error);
    for (const j of [0, 1]) {
      const column = meanAndError(sample.data.filter((_, i) => i % 2 === j));
      expect(Math.abs(column.mean - mean[j]!)).toBeLessThan(4 * column.error);
    }
  });

  it('gives every parameter a gradient', () => {
    const names = Object.keys(weights.parameters);
    if (names.length === 0) return;
    const fixed = toTensors(weights.constants);
    const points = tf.tensor2d([
      [0.3, -1],
      [2, 0.5],
      [-1, -1],
    ]);
    const loss = (...values: tf.Tensor[]) =>
      tf.sum(
        density.logProb({ ...fixed, ...Object.fromEntries(names.map((n, i) => [n, values[i]!])) }, points),
      ) as tf.Scalar;
    for (const gradient of tf.grads(loss)(
      names.map(name => toTensors({ p: weights.parameters[name]! }).p!),
    )) {
      expect(Math.max(...gradient.dataSync().map(Math.abs))).toBeGreaterThan(0);
    }
  });

  it.each([1, 3, 5])('is defined in %i dimensions, for one row and many', dim => {
    const odd = make(dim);
    const all = randomWeights(odd, 2);
    const t = toTensors({ ...all.parameters, ...all.constants });
    const rows = tf.tensor2d(odd.sample(all, 6, createRandom(1)).data, [6, dim]);
    const together = odd.logProb(t, rows).dataSync();
    const alone = odd.logProb(t, tf.slice(rows, [2, 0], [1, dim])).dataSync();
    expect(alone[0]).toBeCloseTo(together[2]!, 4);
  });
});

const flows = [
  [
    'affine couplings and rotations',
    chain([affineCoupling(2, { bound: 1 }), luLinear(2), affineCoupling(2, { bound: 1, kept: 'odd' })]),
  ],
  ['splines', chain([splineCoupling(2, { bound: 4 }), luLinear(2), splineCoupling(2, { bound: 4 })])],
  ['autoregressive', autoregressiveAffine(2, { bound: 1 })],
  ['residual', chain([residualBlock(2), luLinear(2), residualBlock(2)])],
  ['inverse', inverse(affineCoupling(2, { bound: 1 }))],
] as const;

describe.each(flows)('a flow of %s', (_, bijection) => {
  const model = defineFlow(noPreparation(2), bijection, gaussianMixture(2, { components: 2 }));
  const weights = randomWeights(model, 4, 0.2);
  const tensors = () => toTensors({ ...weights.parameters, ...weights.constants });

  it('integrates to 1 in the plane', () => {
    const t = tensors();
    expect(integrals(points => model.logProb(t, points), 0.2).mass).toBeCloseTo(1, 2);
  });

  it('draws samples whose mean log-probability is that of the density', async () => {
    const t = tensors();
    const { entropy } = integrals(points => model.logProb(t, points), 0.2);
    const flow = createFlow(model, weights, { engine: 'tfjs' });
    const sample = await flow.sample(1500, createRandom(8));
    expect([sample.rows, sample.cols]).toEqual([1500, 2]);
    const seen = meanAndError(await flow.logProb(sample));
    expect(Math.abs(seen.mean - entropy)).toBeLessThan(4 * seen.error + 5e-3);
    await flow.close();
  });
});

it('a mixture draws its components in their proportions, however large the logits', () => {
  const density = gaussianMixture(1, { components: 3 });
  const { parameters } = density.initialize(createRandom(1));
  const logits = { shape: [3], data: Float32Array.of(1000, 1000 + Math.log(3), -1000) };
  const mean = { shape: [3, 1], data: Float32Array.of(-50, 50, 0) };
  const { data } = density.sample(
    { parameters: { ...parameters, logits, mean }, constants: {} },
    2000,
    createRandom(2),
  );
  expect(data.filter(value => value > 40).length / 2000).toBeCloseTo(0.75, 1);
  expect(data.every(value => Math.abs(value) > 40)).toBe(true);
});
