import { CoreError } from '../errors/core-error.ts';
import { dot } from './dot.ts';
import { requireSquare } from './require-square.ts';

/**
 * The lower triangular L `[size, size]` with L Lᵀ = `matrix`, symmetric and row-major.
 *
 * @throws CoreError `SINGULAR_COVARIANCE` unless the matrix is positive definite; `WRONG_SHAPE`, `NON_FINITE`
 */
export function cholesky(matrix: Float64Array, size: number): Float64Array {
  requireSquare('cholesky', matrix, size);
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const rest = matrix[i * size + j]! - dot(lower, i * size, lower, j * size, j);
      if (i > j) lower[i * size + j] = rest / lower[j * size + j]!;
      else if (rest > 0) lower[i * size + i] = Math.sqrt(rest);
      else throw notPositive(i, rest);
    }
  }
  return lower;
}

/** The inverse of a lower triangular row-major `[size, size]` matrix without zeros on its diagonal, itself lower triangular. */
export function invertLower(lower: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let k = 0; k < i; k++) {
      const factor = lower[row + k]!;
      if (factor === 0) continue;
      for (let j = 0, at = row, from = k * size; j <= k; j++, at++, from++)
        inverse[at]! -= factor * inverse[from]!;
    }
    const diagonal = lower[row + i]!;
    for (let j = 0; j < i; j++) inverse[row + j]! /= diagonal;
    inverse[row + i] = 1 / diagonal;
  }
  return inverse;
}

/** Σ log of the diagonal of a row-major `[size, size]` matrix: of a Cholesky factor, half the log-determinant. */
export function logDiagonal(triangular: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += Math.log(triangular[i * size + i]!);
  return sum;
}

function notPositive(row: number, pivot: number): CoreError {
  return new CoreError('SINGULAR_COVARIANCE', {
    where: 'cholesky',
    expected: 'a positive definite covariance',
    got: `pivot ${pivot} at row ${row}`,
    advice: 'use some shrinkage, cut to fewer directions, or give more rows',
    details: { row, pivot },
  });
}
