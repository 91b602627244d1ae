import type { Matrix } from '../contract/rows.ts';

/** Rows divided by their Euclidean norm, in float64; a zero row stays zero. */
export function normaliseRows({ rows, cols, data }: Matrix): Matrix & { readonly data: Float64Array } {
  const result = new Float64Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = row * cols; i < (row + 1) * cols; i++) sum += data[i] * data[i];
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let i = row * cols; i < (row + 1) * cols; i++) result[i] = data[i] * scale;
  }
  return { rows, cols, data: result };
}
