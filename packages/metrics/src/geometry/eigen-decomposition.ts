import { requireMatrix } from '../input/matrix.ts';
import { createPacer, type LongRunOptions } from './pause.ts';
import { eigenWork, symmetricEigen } from './symmetric-eigen.ts';

/** Eigenvalues in descending order; row i of `vectors` is the unit eigenvector of value i. */
export interface EigenDecomposition {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix (row-major, size × size, left as it is). About 6 size³
 * operations, with pauses for the event loop.
 *
 * @throws OodError `WRONG_SHAPE`, `EMPTY_INPUT`, `NON_FINITE`, `NO_CONVERGENCE`, `ABORTED`
 * @see Martin, Reinsch & Wilkinson (1968); Dubrulle, Martin & Wilkinson (1968), Numerische Mathematik 11/12
 */
export async function eigenDecomposition(
  matrix: Float64Array,
  size: number,
  options: LongRunOptions = {},
): Promise<EigenDecomposition> {
  requireMatrix('eigenDecomposition', 'matrix', { rows: size, cols: size, data: matrix });
  const pace = createPacer('eigenDecomposition', eigenWork(size, true), options);
  const { values, vectors } = await symmetricEigen(matrix.slice(), size, { vectors: true, pace });
  return { values, vectors: vectors! };
}
