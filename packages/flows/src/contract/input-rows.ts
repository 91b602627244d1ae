import { FlowsError } from '../errors.ts';
import type { Matrix } from './arrays.ts';

/**
 * Refuses what is no matrix of finite numbers with `dim` columns.
 *
 * @throws FlowsError `WRONG_SHAPE` for another width, a torn matrix or other numbers than float32, `NON_FINITE` with the
 *   number of bad rows and the first.
 */
export function requireRows(where: string, matrix: Matrix, dim: number): void {
  const { rows, cols, data } = matrix;
  if (!Number.isSafeInteger(rows) || rows < 0 || cols !== dim || !isFloats(data, rows * cols)) {
    throw new FlowsError('WRONG_SHAPE', {
      where,
      expected: `a matrix of ${dim} columns with rows × cols numbers in a Float32Array`,
      got: describe(matrix),
      advice: 'pass features of the backbone this flow was fitted on',
    });
  }
  let bad = 0;
  let first = -1;
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    let j = 0;
    while (j < cols && Number.isFinite(data[start + j]!)) j++;
    if (j === cols) continue;
    if (bad++ === 0) first = i;
  }
  if (bad === 0) return;
  throw new FlowsError('NON_FINITE', {
    where,
    expected: 'finite features',
    got: `NaN or infinite numbers in ${bad} of ${rows} rows, first in row ${first}`,
    advice: 'find what the backbone does with those inputs, or leave the rows out',
  });
}

/** Whether `data` is this many float32 numbers. */
export function isFloats(data: unknown, length: number): data is Float32Array {
  return data instanceof Float32Array && data.length === length;
}

/** A matrix, or what was passed for one, in an error. */
export function describe({ rows, cols, data }: Partial<Matrix>): string {
  const kind = data === undefined || data === null ? String(data) : data.constructor.name;
  return `${rows} × ${cols} with ${data?.length ?? 'no'} numbers (${kind})`;
}
