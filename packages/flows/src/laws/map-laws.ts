import { sliceRows } from '@ood/core';
import { expectEqual, expectThat } from '@ood/core/laws';
import * as tf from '@tensorflow/tfjs';
import { type NamedShapes, type NamedTensors, sizeOf, toTensors, type Weights } from '../contract/arrays.ts';
import type { Bijection } from '../contract/bijection.ts';
import { luFactors } from '../linear-algebra/lu-factors.ts';
import { expectNear } from './expect-near.ts';
import { randomWeights } from './random-weights.ts';
import type { Subject } from './subject.ts';

/** What holds for the map alone, by TensorFlow.js. */
export function mapLaws({ bijection, rows, idle = [] }: Subject): Record<string, () => void> {
  const { dim } = bijection;
  const tensors = () => tensorsOf(randomWeights(bijection, 5));
  const matrix = (data: ArrayLike<number>) => tf.tensor2d(Float32Array.from(data), [data.length / dim, dim]);
  /** One log-determinant a row, also where it is the same for all. */
  const spread = (logDet: tf.Tensor, count = rows.rows) => tf.add(logDet, tf.zeros([count])).dataSync();
  const laws: Record<string, () => void> = {
    'has weights of the declared shapes': () => {
      const { parameters, constants } = randomWeights(bijection, 1);
      expectEqual(shapesOf(parameters), declared(bijection.parameters));
      expectEqual(shapesOf(constants), declared(bijection.constants));
    },
    'inverse undoes forward and forward undoes inverse, for any batch size': () => {
      const t = tensors();
      for (const count of [1, rows.rows]) {
        const x = matrix(rows.data.subarray(0, count * dim));
        const { value: there } = bijection.forward(t, x);
        expectNear(bijection.inverse(t, there).value.dataSync(), x.dataSync(), 1e-4);
        const { value: back } = bijection.inverse(t, x);
        expectNear(bijection.forward(t, back).value.dataSync(), x.dataSync(), 1e-4);
      }
    },
    'log-determinants of the two directions cancel': () => {
      const t = tensors();
      const there = bijection.forward(t, matrix(rows.data));
      const back = bijection.inverse(t, there.value);
      const left = spread(tf.add(there.logDet, back.logDet));
      expectThat(
        left.every(value => Math.abs(value) < 2e-3),
        'sums of 0',
        [...left],
      );
    },
    'log-determinant is that of the Jacobian, by automatic differentiation': () => {
      const t = tensors();
      const logDet = spread(bijection.forward(t, matrix(rows.data)).logDet);
      // Rows do not mix, so the gradient of a column's sum has every row's own derivatives.
      const derivatives = Array.from({ length: dim }, (_, i) => {
        const column = (x: tf.Tensor) =>
          tf.sum(tf.slice(bijection.forward(t, x as tf.Tensor2D).value, [0, i], [-1, 1]));
        return tf.grad(column)(matrix(rows.data)).dataSync();
      });
      expectNear(logDet, logDeterminants(derivatives, dim), 2e-4, 1);
    },
    'log-determinant is that of finite differences': () => {
      const t = tensors();
      const step = 2e-3;
      const logDet = spread(bijection.forward(t, matrix(rows.data)).logDet);
      const moved = (column: number, by: number) =>
        bijection
          .forward(t, matrix(rows.data.map((x, at) => (at % dim === column ? x + by : x))))
          .value.dataSync();
      const slopes = Array.from({ length: dim }, (_, column) => {
        const below = moved(column, -step);
        return Float64Array.from(moved(column, step), (above, at) => (above - below[at]!) / (2 * step));
      });
      const errors = logDeterminants(slopes, dim).map((wanted, i) => Math.abs(logDet[i]! - wanted));
      // The median: a kink, as of a ReLU network, may lie within the step.
      const median = errors.sort()[Math.floor(errors.length / 2)]!;
      expectThat(median < 5e-3, 'a median difference below 5e-3', median);
    },
    'maps row by row': () => {
      const t = tensors();
      const together = bijection.forward(t, matrix(rows.data));
      const at = Math.floor(rows.rows / 2);
      const alone = bijection.forward(t, matrix(sliceRows(rows, at, at + 1).data));
      const own = together.value.dataSync().slice(at * dim, (at + 1) * dim);
      expectNear(alone.value.dataSync(), own, 1e-6);
      expectNear(spread(alone.logDet, 1), spread(together.logDet).slice(at, at + 1), 1e-5);
    },
    'gives every parameter a gradient': () => {
      // By one of several draws: in networks of one or two units a draw can leave a rectifier dead on all rows.
      const draws = [5, 6, 7].map(seed => withoutGradient(bijection, seed, matrix(rows.data)));
      const always = draws[0]!.filter(name => draws.every(names => names.includes(name)));
      expectEqual(
        always.filter(name => !idle.includes(name)),
        [],
      );
    },
  };
  return Object.fromEntries(Object.entries(laws).map(([name, check]) => [name, () => tf.tidy(check)]));
}

function tensorsOf({ parameters, constants }: Weights): NamedTensors {
  return toTensors({ ...parameters, ...constants });
}

function shapesOf(arrays: Weights['parameters']): Record<string, number[]> {
  return byName(arrays, ({ shape, data }) => [...shape, data.length]);
}

function declared(shapes: NamedShapes): Record<string, number[]> {
  return byName(shapes, shape => [...shape, sizeOf(shape)]);
}

function byName<T, U>(named: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(
    Object.keys(named)
      .sort()
      .map(name => [name, change(named[name]!)]),
  );
}

/** log |det J| of each row; `derivatives[i]` holds, row after row, the i-th line of J or of its transpose. */
function logDeterminants(derivatives: readonly ArrayLike<number>[], dim: number): Float64Array {
  return Float64Array.from({ length: derivatives[0]!.length / dim }, (_, row) => {
    const jacobian = derivatives.flatMap(line => Array.from(line).slice(row * dim, (row + 1) * dim));
    const { packed } = luFactors(Float64Array.from(jacobian), dim);
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += Math.log(Math.abs(packed[i * dim + i]!));
    return sum;
  });
}

/** Parameters whose gradient is zero or not finite for random weights. */
function withoutGradient(bijection: Bijection, seed: number, rows: tf.Tensor2D): string[] {
  const { parameters, constants } = randomWeights(bijection, seed);
  const names = Object.keys(parameters);
  if (names.length === 0) return [];
  const fixed = toTensors(constants);
  const loss = (...values: tf.Tensor[]) => {
    const t = { ...fixed, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
    const { value, logDet } = bijection.forward(t, rows);
    return tf.add(tf.sum(tf.mul(tf.square(value), 0.3)), tf.sum(logDet)) as tf.Scalar;
  };
  const gradients = tf.grads(loss)(Object.values(toTensors(parameters)));
  return names.filter((_name, i) => {
    const largest = tf.max(tf.abs(gradients[i]!)).dataSync()[0]!;
    return !(largest > 0 && Number.isFinite(largest));
  });
}
