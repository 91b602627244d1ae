import type { Matrix } from '@ood/core';
import { addDotProducts } from './dot-products.ts';
import type { Pacer } from './pause.ts';

const blockRows = 128;
const blockCols = 64;

/** Column means, taken from the first row on, so that a constant column has its value exactly and no rounding for a variance. */
function columnMeans({ rows, cols, data }: Matrix): Float64Array {
  const means = Float64Array.from(data.subarray(0, cols));
  for (let row = 1; row < rows; row++) {
    for (let k = 0; k < cols; k++) means[k]! += (data[row * cols + k]! - data[k]!) / rows;
  }
  return means;
}

/** Multiplications of `covariance`, for progress. */
export function covarianceWork({ rows, cols }: Matrix): number {
  return (rows * cols * cols) / 2;
}

/** Covariance of the columns (divisor n), `[cols, cols]`, accumulated over blocks of rows. */
export async function covariance(features: Matrix, pace: Pacer): Promise<Float64Array> {
  const { rows, cols, data } = features;
  const means = columnMeans(features);
  const result = new Float64Array(cols * cols);
  const transposed = new Float64Array(cols * blockRows);
  const tile = new Float64Array(blockCols * blockCols);
  for (let from = 0; from < rows; from += blockRows) {
    const count = Math.min(blockRows, rows - from);
    for (let row = 0; row < count; row++) {
      for (let k = 0; k < cols; k++) {
        transposed[k * count + row] = data[(from + row) * cols + k]! - means[k]!;
      }
    }
    for (let i = 0; i < cols; i += blockCols) {
      const height = Math.min(blockCols, cols - i);
      const left = transposed.subarray(i * count, (i + height) * count);
      for (let j = i; j < cols; j += blockCols) {
        const width = Math.min(blockCols, cols - j);
        const right = transposed.subarray(j * count, (j + width) * count);
        tile.fill(0);
        addDotProducts(left, height, right, width, count, tile);
        for (let r = 0; r < height; r++) {
          for (let c = 0; c < width; c++) result[(i + r) * cols + j + c]! += tile[r * width + c]! / rows;
        }
      }
      await pace(height * (cols - i) * count);
    }
  }
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j < i; j++) result[i * cols + j] = result[j * cols + i]!;
  }
  return result;
}
