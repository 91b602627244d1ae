import type { Matrix } from '../contract/arrays.ts';
import { FlowsError } from '../errors.ts';

/**
 * Refuses what cannot be scored.
 *
 * @throws FlowsError `BAD_SHAPE` for another width or a torn matrix, `NON_FINITE_INPUT` with the number of bad rows and the first.
 */
export function requireRows(where: string, { rows, cols, data }: Matrix, dim: number): void {
  if (cols !== dim || data.length !== rows * cols) {
    throw new FlowsError({
      code: 'BAD_SHAPE',
      where,
      expected: `a matrix of ${dim} columns with rows × cols numbers`,
      got: `${rows} × ${cols} with ${data.length} numbers`,
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
  throw new FlowsError({
    code: 'NON_FINITE_INPUT',
    where,
    expected: 'finite features',
    got: `NaN or infinite numbers in ${bad} of ${rows} rows, first in row ${first}`,
    advice: 'find what the backbone does with those inputs, or leave the rows out',
  });
}
