import type { DenseArray, Matrix } from '@ood/core';

/** Rows of a head, each divided by its norm, as an array `[d, rows]` to multiply unit rows with: their products are cosines. */
export function cosineWeights({ rows, cols, data }: Matrix): DenseArray<Float64Array> {
  const weights = new Float64Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * cols, (row + 1) * cols);
    const norm = Math.hypot(...own) || 1;
    for (let i = 0; i < cols; i++) weights[i * rows + row] = own[i]! / norm;
  }
  return { shape: [cols, rows], data: weights };
}
