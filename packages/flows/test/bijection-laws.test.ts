import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bijection, luLinear, type NamedTensors, toTensors } from '../src/index.ts';
import { bijections, inOneDimension } from './support/bijection-table.ts';
import { expectClose } from './support/close.ts';
import { useQuietCpu } from './support/eager.ts';
import { logAbsDeterminant, normalRows } from './support/matrices.ts';
import { randomWeights } from './support/random-weights.ts';

beforeAll(useQuietCpu);

const dims = [2, 3, 6] as const;
const table = [
  ...bijections.flatMap(([name, make]) => dims.map(dim => [`${name}, ${dim}-d`, make(dim), dim] as const)),
  ...bijections
    .filter(([name]) => inOneDimension.includes(name))
    .map(([name, make]) => [`${name}, 1-d`, make(1), 1] as const),
  // Wide enough for substitution to halve its blocks, more than once and unevenly.
  ['luLinear in one block, 21-d', luLinear(21, { blocks: 1 }), 21],
  ['luLinear in two blocks, 19-d', luLinear(19), 19],
] as const;

function tensorsOf(bijection: Bijection): NamedTensors {
  const { parameters, constants } = randomWeights(bijection, 5);
  return toTensors({ ...parameters, ...constants });
}

const spread = (logDet: tf.Tensor, rows: number) => tf.add(logDet, tf.zeros([rows])).dataSync();

describe.each(table)('%s', (_, bijection, dim) => {
  const rows = normalRows(9, dim, 3);

  it('has weights of the declared shapes', () => {
    const { parameters, constants } = randomWeights(bijection, 1);
    const shapes = (arrays: object) =>
      Object.fromEntries(
        Object.entries(arrays).map(([name, { shape, data }]) => [name, [...shape, data.length]]),
      );
    const declared = (named: object) =>
      Object.fromEntries(
        Object.entries(named).map(([name, shape]) => [
          name,
          [...shape, shape.reduce((p: number, s: number) => p * s, 1)],
        ]),
      );
    expect(shapes(parameters)).toEqual(declared(bijection.parameters));
    expect(shapes(constants)).toEqual(declared(bijection.constants));
  });

  it.each([1, 9])('inverse undoes forward and forward undoes inverse, batch %i', batch => {
    const t = tensorsOf(bijection);
    const x = tf.tensor2d(rows.slice(0, batch));
    const there = bijection.forward(t, x);
    const back = bijection.inverse(t, there.value);
    expectClose(back.value.dataSync(), x.dataSync(), 1e-4);
    expectClose(bijection.forward(t, bijection.inverse(t, x).value).value.dataSync(), x.dataSync(), 1e-4);
  });

  it('log-determinants of the two directions cancel', () => {
    const t = tensorsOf(bijection);
    const there = bijection.forward(t, tf.tensor2d(rows));
    const back = bijection.inverse(t, there.value);
    const sum = tf.add(there.logDet, back.logDet);
    for (const value of spread(sum, rows.length)) expect(Math.abs(value)).toBeLessThan(2e-3);
  });

  it('log-determinant is that of the Jacobian, by automatic differentiation', () => {
    const t = tensorsOf(bijection);
    const x = tf.tensor2d(rows);
    const logDet = spread(bijection.forward(t, x).logDet, rows.length);
    // Rows do not mix, so the gradient of a column's sum has every row's own derivatives.
    const derivatives = Array.from({ length: dim }, (_, i) => {
      const column = (v: tf.Tensor) =>
        tf.sum(tf.slice(bijection.forward(t, v as tf.Tensor2D).value, [0, i], [-1, 1]));
      return tf.grad(column)(x).dataSync();
    });
    for (const i of rows.keys()) {
      const jacobian = derivatives.map(outputs => outputs.slice(i * dim, (i + 1) * dim));
      expect(Math.abs(logDet[i]! - logAbsDeterminant(jacobian))).toBeLessThan(2e-4);
    }
  });

  it('log-determinant is that of finite differences', () => {
    const t = tensorsOf(bijection);
    const step = 2e-3;
    const logDet = spread(bijection.forward(t, tf.tensor2d(rows)).logDet, rows.length);
    const moved = (j: number, by: number) =>
      bijection
        .forward(t, tf.tensor2d(rows.map(row => row.map((x, k) => (k === j ? x + by : x)))))
        .value.dataSync();
    const slopes = Array.from({ length: dim }, (_, j) => {
      const below = moved(j, -step);
      return Float64Array.from(moved(j, step), (above, at) => (above - below[at]!) / (2 * step));
    });
    const errors = Array.from(rows.keys(), i => {
      const jacobian = slopes.map(inputs => inputs.slice(i * dim, (i + 1) * dim));
      return Math.abs(logDet[i]! - logAbsDeterminant(jacobian));
    });
    // The median: a kink of a ReLU network may lie within the step.
    expect(errors.sort((a, b) => a - b)[4]).toBeLessThan(5e-3);
  });

  it('maps row by row', () => {
    const t = tensorsOf(bijection);
    const together = bijection.forward(t, tf.tensor2d(rows));
    const alone = bijection.forward(t, tf.tensor2d([rows[4]!]));
    expectClose(alone.value.dataSync(), together.value.dataSync().slice(4 * dim, 5 * dim), 1e-6);
    expectClose(spread(alone.logDet, 1), spread(together.logDet, 9).slice(4, 5), 1e-5);
  });

  it('gives every parameter a gradient', () => {
    // By one of several draws: in networks of one or two units a draw can leave a rectifier dead on all rows.
    const idle = [5, 6, 7].map(seed => new Set(idleParameters(bijection, seed, rows)));
    const always = [...idle[0]!].filter(name => idle.every(names => names.has(name)));
    expect(always.filter(name => !emptyTriangle(name, bijection))).toEqual([]);
  });
});

/** Parameters whose gradient is zero or not finite for random weights. */
function idleParameters(
  bijection: Bijection,
  seed: number,
  rows: Parameters<typeof tf.tensor2d>[0],
): string[] {
  const { parameters, constants } = randomWeights(bijection, seed);
  const names = Object.keys(parameters);
  if (names.length === 0) return [];
  const fixed = toTensors(constants);
  const loss = (...values: tf.Tensor[]) => {
    const t = { ...fixed, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
    const { value, logDet } = bijection.forward(t, tf.tensor2d(rows));
    return tf.add(tf.sum(tf.mul(tf.square(value), 0.3)), tf.sum(logDet)) as tf.Scalar;
  };
  const gradients = tf.grads(loss)(names.map(name => toTensors({ p: parameters[name]! }).p!));
  return names.filter((_name, i) => {
    const largest = Math.max(...gradients[i]!.dataSync().map(Math.abs));
    return !(largest > 0 && Number.isFinite(largest));
  });
}

/** A 1×1 diagonal block of a strictly triangular matrix counts for nothing. */
function emptyTriangle(name: string, bijection: Bijection): boolean {
  const shape = bijection.parameters[name]!;
  return /(upper|lower)\.\d+$/.test(name) && shape[0] === 1;
}
