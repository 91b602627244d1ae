import type { Matrix } from './matrix.ts';

/** Rows with NaN or infinity: how many, and the number of the first (−1 where there is none). O(rows · cols). */
export function nonFiniteRows({ rows, cols, data }: Matrix): { count: number; first: number } {
  let count = 0;
  let first = -1;
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * cols;
    let at = row * cols;
    while (at < end && Number.isFinite(data[at])) at++;
    if (at < end && count++ === 0) first = row;
  }
  return { count, first };
}
