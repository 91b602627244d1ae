import { CoreError } from '../errors/core-error.ts';

/** Refuses a matrix that is not `[size, size]` or not finite. @throws CoreError `WRONG_SHAPE`, `NON_FINITE`. */
export function requireSquare(where: string, matrix: Float64Array, size: number): void {
  if (!Number.isSafeInteger(size) || size < 0 || matrix.length !== size * size)
    throw new CoreError('WRONG_SHAPE', {
      where,
      expected: `a matrix of ${size} × ${size} numbers`,
      got: `${matrix.length} numbers`,
      advice: 'pass the matrix row by row with its true size',
      details: { size, length: matrix.length },
    });
  const at = matrix.findIndex(value => !Number.isFinite(value));
  if (at === -1) return;
  throw new CoreError('NON_FINITE', {
    where,
    expected: 'finite numbers in the matrix',
    got: `${matrix[at]} in row ${Math.floor(at / size)}, column ${at % size}`,
    advice: 'find out which rows have such numbers, or scale them to ordinary magnitudes',
    details: { row: Math.floor(at / size), column: at % size },
  });
}
