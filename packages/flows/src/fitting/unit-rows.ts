import type { Matrix } from '../contract/arrays.ts';
import { FlowsError } from '../errors.ts';

/**
 * The rows divided by their Euclidean norms, a zero row left as it is: `normalize` on the host.
 *
 * @throws FlowsError `NON_FINITE` for a NaN or an infinity.
 */
export function unitRows({ rows, cols, data }: Matrix): Matrix {
  const unit = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += cols) {
    let largest = 0;
    for (let i = start; i < start + cols; i++) largest = Math.max(largest, Math.abs(data[i]!));
    if (!Number.isFinite(largest)) throw nonFinite(start / cols);
    let squares = 0;
    for (let i = start; i < start + cols; i++) squares += (data[i]! / largest) ** 2;
    const norm = Math.sqrt(squares) * largest;
    if (largest > 0) for (let i = start; i < start + cols; i++) unit[i] = data[i]! / norm;
  }
  return { rows, cols, data: unit };
}

function nonFinite(row: number): FlowsError {
  return new FlowsError('NON_FINITE', {
    where: 'unitRows',
    expected: 'finite features',
    got: `a NaN or infinite number in row ${row}`,
    advice: 'find what the backbone does with that input, or leave the row out',
  });
}
