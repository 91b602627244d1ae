import type { NumericArray } from '../contract/method.ts';
import type { Formula, Value } from './formula.ts';

/** Smallest norm that a row is divided by: a zero row stays zero. */
const SMALLEST_NORM = 1e-30;

/** Rows divided by their Euclidean norm. */
export function unitRows(f: Formula, x: Value): Value {
  return f.divide(x, f.atLeast(f.norm(x), SMALLEST_NORM));
}

/** −T log Σ_c exp(l_c / T), `[batch, 1]`. */
export function freeEnergy(f: Formula, logits: Value, temperature = 1): Value {
  if (temperature === 1) return f.negate(f.logSumExp(logits));
  return f.multiply(f.logSumExp(f.divide(logits, temperature)), -temperature);
}

/** x · weights + bias, weights stored `[d, classes]`. */
export function linear(f: Formula, x: Value, weights: NumericArray, bias: NumericArray): Value {
  return f.add(f.matMul(x, f.constant(weights)), f.constant(bias));
}

/** Squared distances `[batch, points]` to fixed points `[points, d]`: |x|² − 2 x·p + |p|², never negative. */
export function squaredDistances(f: Formula, x: Value, { shape, data }: NumericArray): Value {
  const [points, dim] = shape as [number, number];
  const transposed = new Float64Array(data.length);
  const norms = new Float64Array(points);
  for (let p = 0; p < points; p++) {
    for (let i = 0; i < dim; i++) {
      const value = data[p * dim + i]!;
      transposed[i * points + p] = -2 * value;
      norms[p]! += value * value;
    }
  }
  const products = f.matMul(x, f.constant({ shape: [dim, points], data: transposed }));
  const sum = f.add(f.add(products, f.constant({ shape: [1, points], data: norms })), f.sumOfSquares(x));
  return f.atLeast(sum, 0);
}
