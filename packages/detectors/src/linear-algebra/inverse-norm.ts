import { type FloatArray, rowNorms } from '@ood/core';

/** 1 / |x| of a stretch of numbers, and 0 where all are 0: for rows that are kept as they are, beside what divides them. */
export function inverseNorm(data: FloatArray, start = 0, end = data.length): number {
  const [norm = 0] = rowNorms({ rows: 1, cols: end - start, data: data.subarray(start, end) });
  return norm > 0 ? 1 / norm : 0;
}
