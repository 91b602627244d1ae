import { FlowsError } from '../errors.ts';

/**
 * The lower triangular L with L Lᵀ = `matrix` (symmetric, row-major).
 *
 * @throws FlowsError `SINGULAR_COVARIANCE` unless the matrix is positive definite.
 */
export function cholesky(matrix: Float64Array, dim: number): Float64Array {
  const lower = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * dim + j]!;
      for (let k = 0, a = i * dim, b = j * dim; k < j; k++, a++, b++) sum -= lower[a]! * lower[b]!;
      if (i > j) lower[i * dim + j] = sum / lower[j * dim + j]!;
      else if (sum > 0) lower[i * dim + i] = Math.sqrt(sum);
      else throw notPositive(i, sum);
    }
  }
  return lower;
}

/** The inverse of a lower triangular matrix, itself lower triangular. */
export function invertLower(lower: Float64Array, dim: number): Float64Array {
  const inverse = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++) {
    const row = i * dim;
    for (let k = 0; k < i; k++) {
      const factor = lower[row + k]!;
      for (let j = 0; j <= k; j++) inverse[row + j]! -= factor * inverse[k * dim + j]!;
    }
    const diagonal = lower[row + i]!;
    for (let j = 0; j < i; j++) inverse[row + j]! /= diagonal;
    inverse[row + i] = 1 / diagonal;
  }
  return inverse;
}

/** Σ log of the diagonal. */
export function logDiagonal(triangular: Float64Array, dim: number): number {
  let sum = 0;
  for (let i = 0; i < dim; i++) sum += Math.log(triangular[i * dim + i]!);
  return sum;
}

function notPositive(row: number, pivot: number): FlowsError {
  return new FlowsError('SINGULAR_COVARIANCE', {
    where: 'cholesky',
    expected: 'a positive definite covariance',
    got: `pivot ${pivot} at row ${row}`,
    advice: 'use some shrinkage, or cut to fewer directions',
  });
}
