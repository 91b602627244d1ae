import { type DenseArray, type Matrix, transpose, unitRows } from '@ood/core';

/** The rows of a head, which are embeddings of texts, each divided by its norm. */
export function unitTexts({ rows, cols, data }: Matrix): Matrix<Float64Array> {
  return unitRows({ rows, cols, data: Float64Array.from(data) });
}

/** Unit rows as an array `[d, rows]` to multiply others with: their products are cosines. */
export function cosineWeights({ rows, cols, data }: Matrix<Float64Array>): DenseArray<Float64Array> {
  return { shape: [cols, rows], data: transpose(data, rows, cols) };
}
