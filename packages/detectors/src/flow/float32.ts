import type { Matrix } from '@ood/core';

/** The matrix in float32; itself where it is. */
export function float32({ rows, cols, data }: Matrix): { rows: number; cols: number; data: Float32Array } {
  return { rows, cols, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}
