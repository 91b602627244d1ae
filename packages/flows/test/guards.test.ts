import { createRandom } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  actNorm,
  affineCoupling,
  defineFlow,
  noPreparation,
  normalize,
  project,
  splineCoupling,
  standardNormal,
  toTensors,
} from '../src/index.ts';
import { randomWeights } from '../src/laws/random-weights.ts';
import { boundLogScale, LARGEST_LOG_SCALE, LARGEST_VALUE, saturate } from '../src/operations/guard.ts';
import { logSumExp } from '../src/operations/log-sum-exp.ts';
import { expectClose } from './support/close.ts';
import { useQuietCpu } from './support/eager.ts';

beforeAll(useQuietCpu);

describe('guards at their edges', () => {
  it('values pass up to the largest and stay there beyond, infinities too', () => {
    const inside = [0, -LARGEST_VALUE, LARGEST_VALUE / 2, LARGEST_VALUE];
    expectClose(saturate(tf.tensor1d(inside)).dataSync(), inside, 1e-7);
    const outside = saturate(tf.tensor1d([2 * LARGEST_VALUE, -3e38, Number.POSITIVE_INFINITY])).dataSync();
    expectClose(outside, [LARGEST_VALUE, -LARGEST_VALUE, LARGEST_VALUE], 1e-6);
  });

  it('an unbounded log-scale is exact up to its limit', () => {
    const raw = tf.tensor2d([[-39.5, 0, LARGEST_LOG_SCALE, 41, -1e30]]);
    expectClose(
      boundLogScale(raw, null).dataSync(),
      [-39.5, 0, LARGEST_LOG_SCALE, LARGEST_LOG_SCALE, -LARGEST_LOG_SCALE],
      0,
    );
  });

  it('a bounded log-scale is the identity near zero and never leaves its bound', () => {
    const scales = boundLogScale(tf.tensor2d([[1e-3, -1e-3, 5, -5, 1e30]]), 2).dataSync();
    expectClose(scales.slice(0, 2), [1e-3, -1e-3], 1e-6);
    expect(Math.max(...scales.map(Math.abs))).toBeLessThanOrEqual(2);
  });

  it('a coupling with a scale far beyond exp still gives finite values and log-determinants', () => {
    const coupling = affineCoupling(2);
    const { parameters } = randomWeights(coupling, 1, 50);
    const { value, logDet } = coupling.forward(
      toTensors(parameters),
      tf.tensor2d([
        [1e6, 1e6],
        [-1e12, 3],
      ]),
    );
    for (const number of [...value.dataSync(), ...logDet.dataSync()])
      expect(Number.isFinite(number)).toBe(true);
  });

  it('a projection takes the largest numbers without an infinity minus an infinity', () => {
    const t = toTensors({
      mean: { shape: [2], data: new Float32Array(2) },
      matrix: { shape: [2, 1], data: Float32Array.of(1e3, -1e3) },
    });
    const projected = project(2, 1)
      .apply(
        t,
        tf.tensor2d([
          [3e38, 3e38],
          [3e38, -3e38],
        ]),
      )
      .dataSync();
    expectClose(projected, [0, 2e3 * LARGEST_VALUE], 1e-6);
  });

  it('a linear map behind the last guard does not take the base out of range', () => {
    const model = defineFlow(noPreparation(2), actNorm(2), standardNormal(2));
    const logScale = { shape: [2], data: Float32Array.of(-20, -20) };
    const t = toTensors({ ...model.initialize(createRandom(1)).parameters, 'bijection.logScale': logScale });
    const [score] = model.logProb(t, tf.tensor2d([[1e12, -3e38]])).dataSync();
    expect(score).toBeLessThan(-1e20);
    expect(Number.isFinite(score)).toBe(true);
  });

  it('a spline is continuous at its bound and the identity beyond', () => {
    const spline = splineCoupling(2, { bound: 3, kept: 'first' });
    const { parameters } = randomWeights(spline, 2, 0.5);
    const xs = [-3.0001, -3, -2.9999, 2.9999, 3, 3.0001, 1e30];
    const { value } = spline.forward(toTensors(parameters), tf.tensor2d(xs.map(x => [0.4, x])));
    const moved = value.dataSync().filter((_, i) => i % 2 === 1);
    expect(Math.max(...Array.from(moved.slice(0, 6), (v, i) => Math.abs(v - xs[i]!)))).toBeLessThan(5e-3);
    expect(moved[6]).toBe(Math.fround(1e30));
  });

  it('the logarithm of a sum of exponentials neither over- nor underflows', () => {
    const sums = logSumExp(
      tf.tensor2d([
        [-1e30, -1e30],
        [1e30, -1e30],
        [-2000, -2000 + Math.log(3)],
        [0, 0],
      ]),
    ).dataSync();
    expectClose(sums.slice(0, 2), [-1e30, 1e30], 1e-6);
    expectClose(sums.slice(2), [-2000 + Math.log(4), Math.log(2)], 1e-6);
  });

  it.each([
    ['a row of zeros', [0, 0, 0], [0, 0, 0]],
    ['the smallest numbers', [1e-45, 0, 0], [1, 0, 0]],
    ['the largest numbers', [3.4e38, 3.4e38, 0], [Math.SQRT1_2, Math.SQRT1_2, 0]],
    ['usual numbers', [3, 0, -4], [0.6, 0, -0.8]],
  ])('normalizes %s', (_, row, wanted) => {
    const unit = normalize(3)
      .apply({}, tf.tensor2d([row]))
      .dataSync();
    // Denormal numbers may be flushed to zero by a runtime; they may not become NaN.
    if (unit.every(value => value === 0)) return expect(Math.max(...row)).toBeLessThan(1e-30);
    return expectClose(unit, wanted, 1e-6);
  });

  it('initializes ActNorm on a constant column and on a single row', () => {
    const norm = actNorm(2);
    const t = toTensors(randomWeights(norm, 1, 0).parameters);
    const constant = norm.adapt!(
      t,
      tf.tensor2d([
        [1, 0],
        [1, 2],
        [1, 4],
      ]),
    );
    expectClose(constant.logScale!.dataSync(), [0, Math.log(2 + 1e-6)], 1e-5);
    const tenths = norm.adapt!(
      t,
      tf.tensor2d(Array.from({ length: 251 }, (_, i) => [0.1, 0.1 + 1e-4 * (i % 2)])),
    );
    expectClose(tenths.logScale!.dataSync(), [0, Math.log(5e-5)], 0.03);
    const single = norm.adapt!(t, tf.tensor2d([[5, -5]]));
    expectClose(single.shift!.dataSync(), [5, -5], 0);
    expectClose(single.logScale!.dataSync(), [0, 0], 0);
  });
});

describe('couplings that keep', () => {
  it.each([5, 6])('the first half of reordered components are those that keep the even ones, %i-d', dim => {
    const even = affineCoupling(dim);
    const first = affineCoupling(dim, { kept: 'first' });
    const t = toTensors(randomWeights(even, 4).parameters);
    const order = [...Array(dim).keys()].sort((a, b) => (a % 2) - (b % 2) || a - b);
    const row = Array.from({ length: dim }, (_, i) => Math.sin(i + 1));
    const a = even.forward(t, tf.tensor2d([row]));
    const b = first.forward(t, tf.tensor2d([order.map(i => row[i]!)]));
    expectClose(
      b.value.dataSync(),
      order.map(i => a.value.dataSync()[i]!),
      1e-6,
    );
    expectClose(b.logDet.dataSync(), a.logDet.dataSync(), 1e-6);
  });
});
