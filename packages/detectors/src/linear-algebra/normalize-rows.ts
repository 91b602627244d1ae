import type { Matrix } from '@ood/core';

/** 1 / |x| of a stretch of numbers, and 0 where all are 0. */
export function inverseNorm(
  data: Float32Array | Float64Array,
  start: number = 0,
  end: number = data.length,
): number {
  let sum = 0;
  for (let at = start; at < end; at++) sum += data[at]! * data[at]!;
  return sum > 0 ? 1 / Math.sqrt(sum) : 0;
}

/** Rows divided by their Euclidean norm, in float64; a zero row stays zero. */
export function normalizeRows({ rows, cols, data }: Matrix): Matrix & { readonly data: Float64Array } {
  const result = new Float64Array(rows * cols);
  divideByNorms(data, cols, result);
  return { rows, cols, data: result };
}

/**
 * Writes rows divided by their Euclidean norms, as many as `into` has room for; `into` may be the rows themselves.
 *
 * @returns what each row was multiplied by, as of `inverseNorm`
 */
export function divideByNorms(
  rows: Float32Array | Float64Array,
  cols: number,
  into: Float32Array | Float64Array,
): Float64Array {
  const scales = new Float64Array(into.length / cols);
  for (let row = 0; row < scales.length; row++) {
    const [start, end] = [row * cols, (row + 1) * cols];
    const scale = inverseNorm(rows, start, end);
    for (let at = start; at < end; at++) into[at] = rows[at]! * scale;
    scales[row] = scale;
  }
  return scales;
}
