import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bijection, type NamedTensors, toTensors } from '../src/index.ts';
import { bijections } from './support/bijection-table.ts';
import { expectClose } from './support/close.ts';
import { useQuietCpu } from './support/eager.ts';
import { logAbsDeterminant, normalRows } from './support/matrices.ts';
import { randomWeights } from './support/random-weights.ts';

beforeAll(useQuietCpu);

const dims = [2, 3, 6] as const;
const table = bijections.flatMap(([name, make]) =>
  dims.map(dim => [`${name}, ${dim}-d`, make(dim), dim] as const),
);

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
    const logDet = spread(bijection.forward(t, tf.tensor2d(rows)).logDet, rows.length);
    const wanted = rows.map(row => {
      const x = tf.tensor2d([row]);
      const outputs = Array.from({ length: dim }, (_, i) =>
        tf
          .grad(v => tf.sum(tf.slice(bijection.forward(t, v as tf.Tensor2D).value, [0, i], [-1, 1])))(x)
          .dataSync(),
      );
      return logAbsDeterminant(outputs);
    });
    for (const [i, value] of wanted.entries()) expect(Math.abs(logDet[i]! - value)).toBeLessThan(2e-4);
  });

  it('log-determinant is that of finite differences', () => {
    const t = tensorsOf(bijection);
    const step = 2e-3;
    const logDet = spread(bijection.forward(t, tf.tensor2d(rows)).logDet, rows.length);
    const value = (row: number[]) => bijection.forward(t, tf.tensor2d([row])).value.dataSync();
    const errors = rows.map((row, i) => {
      const slopes = row.map((_, j) => {
        const above = value(row.map((x, k) => (k === j ? x + step : x)));
        const below = value(row.map((x, k) => (k === j ? x - step : x)));
        return Float64Array.from(above, (v, k) => (v - below[k]!) / (2 * step));
      });
      return Math.abs(logDet[i]! - logAbsDeterminant(slopes));
    });
    const median = errors.sort((a, b) => a - b)[Math.floor(errors.length / 2)]!;
    expect(median).toBeLessThan(5e-3);
  });

  it('maps row by row', () => {
    const t = tensorsOf(bijection);
    const together = bijection.forward(t, tf.tensor2d(rows));
    const alone = bijection.forward(t, tf.tensor2d([rows[4]!]));
    expectClose(alone.value.dataSync(), together.value.dataSync().slice(4 * dim, 5 * dim), 1e-6);
    expectClose(spread(alone.logDet, 1), spread(together.logDet, 9).slice(4, 5), 1e-5);
  });

  it('gives every parameter a gradient', () => {
    const { parameters, constants } = randomWeights(bijection, 5);
    const names = Object.keys(parameters);
    if (names.length === 0) return;
    const fixed = toTensors(constants);
    const loss = (...values: tf.Tensor[]) => {
      const t = { ...fixed, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
      const { value, logDet } = bijection.forward(t, tf.tensor2d(rows));
      return tf.add(tf.sum(tf.mul(tf.square(value), 0.3)), tf.sum(logDet)) as tf.Scalar;
    };
    const gradients = tf.grads(loss)(names.map(name => toTensors({ p: parameters[name]! }).p!));
    const idle = names.filter((name, i) => {
      const largest = Math.max(...gradients[i]!.dataSync().map(Math.abs));
      return bijection.parameters[name]!.some(side => side > 1) && !(largest > 0 && Number.isFinite(largest));
    });
    expect(idle.filter(name => !emptyTriangle(name, bijection))).toEqual([]);
  });
});

/** A 1×1 diagonal block of a strictly triangular matrix counts for nothing. */
function emptyTriangle(name: string, bijection: Bijection): boolean {
  const shape = bijection.parameters[name]!;
  return /(upper|lower)\.\d+$/.test(name) && shape[0] === 1;
}
