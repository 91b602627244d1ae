import { DetectorsError } from '../errors.ts';

/** Pivots below this share of the largest diagonal element count as zero. */
const RELATIVE_TOLERANCE = 1e-13;
/** Ridge, as a share of the mean variance, added where a matrix is singular. */
const RIDGES = [0, 1e-10, 1e-8, 1e-6];

/** A lower triangular factor `[d, d]` of a covariance, and the ridge that it took. */
export interface CholeskyFactor {
  readonly dim: number;
  /** L with L Lᵀ = A + ridge · I, row-major; the upper triangle is zero. */
  readonly lower: Float64Array;
  /** Absolute ridge added to the diagonal: 0 unless the matrix is singular (dead or dependent features). */
  readonly ridge: number;
}

/**
 * Cholesky factor of a covariance matrix. A singular one gets the smallest ridge that makes it definite.
 *
 * @throws DetectorsError `SINGULAR_COVARIANCE` where all features are constant.
 */
export function choleskyFactor(where: string, matrix: Float64Array, dim: number): CholeskyFactor {
  let trace = 0;
  for (let i = 0; i < dim; i++) trace += matrix[i * dim + i];
  for (const share of RIDGES) {
    const ridge = (share * trace) / dim;
    const lower = trace > 0 ? factorise(matrix, dim, ridge) : undefined;
    if (lower !== undefined) return { dim, lower, ridge };
  }
  throw new DetectorsError('SINGULAR_COVARIANCE', {
    where,
    expected: 'features that vary within classes',
    got: `a ${dim} × ${dim} covariance without variance`,
    advice: 'check that the features are not constant',
  });
}

function factorise(matrix: Float64Array, dim: number, ridge: number): Float64Array | undefined {
  const lower = new Float64Array(dim * dim);
  let largest = 0;
  for (let i = 0; i < dim; i++) largest = Math.max(largest, matrix[i * dim + i] + ridge);
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * dim + j] + (i === j ? ridge : 0);
      for (let k = 0; k < j; k++) sum -= lower[i * dim + k] * lower[j * dim + k];
      if (i === j) {
        if (sum <= largest * RELATIVE_TOLERANCE) return undefined;
        lower[i * dim + i] = Math.sqrt(sum);
      } else {
        lower[i * dim + j] = sum / lower[j * dim + j];
      }
    }
  }
  return lower;
}

/** Solves L y = x for every row x, in place of a copy: rows `[n, d]` in the coordinates where L Lᵀ is the identity. */
export function whitenRows({ dim, lower }: CholeskyFactor, rows: Float64Array): Float64Array {
  const result = rows.slice();
  for (let start = 0; start < result.length; start += dim) {
    for (let i = 0; i < dim; i++) {
      let sum = result[start + i];
      for (let k = 0; k < i; k++) sum -= lower[i * dim + k] * result[start + k];
      result[start + i] = sum / lower[i * dim + i];
    }
  }
  return result;
}
