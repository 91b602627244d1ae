import type { Random } from '@ood/core';

/**
 * A random orthogonal matrix, uniform under the Haar measure, row-major float64: a product of Householder reflections
 * of Gaussian vectors of growing length (Stewart 1980).
 */
export function randomOrthogonal(dim: number, rng: Random): Float64Array {
  const matrix = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++) matrix[i * dim + i] = 1;
  if (dim === 1) matrix[0] = rng.uniform() < 0.5 ? -1 : 1;
  const vector = new Float64Array(dim);
  const product = new Float64Array(dim);
  for (let start = dim - 2; start >= 0; start--) {
    let squares = 0;
    for (let i = start; i < dim; i++) squares += (vector[i] = rng.normal()) ** 2;
    const sign = vector[start]! < 0 ? -1 : 1;
    vector[start]! += sign * Math.sqrt(squares);
    const factor = 1 / (Math.sqrt(squares) * Math.abs(vector[start]!));
    reflect(matrix, dim, start, vector, product, factor);
    for (let j = start; j < dim; j++) matrix[start * dim + j]! *= -sign;
  }
  if (dim > 1 && rng.uniform() < 0.5) for (let j = 0; j < dim; j++) matrix[(dim - 1) * dim + j]! *= -1;
  return matrix;
}

/** matrix ← (I − factor · v vᵀ) matrix, on the rows and columns from `start`. */
function reflect(
  matrix: Float64Array,
  dim: number,
  start: number,
  vector: Float64Array,
  product: Float64Array,
  factor: number,
): void {
  product.fill(0, start);
  for (let i = start; i < dim; i++) {
    const v = vector[i]!;
    for (let j = start, at = i * dim + start; j < dim; j++, at++) product[j]! += v * matrix[at]!;
  }
  for (let i = start; i < dim; i++) {
    const v = factor * vector[i]!;
    for (let j = start, at = i * dim + start; j < dim; j++, at++) matrix[at]! -= v * product[j]!;
  }
}
