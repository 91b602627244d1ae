import { createRandom, type LabeledRows, type Matrix, permutation } from '@ood/core';

/** Rows of a matrix by index. */
export function takeMatrix({ cols, data }: Matrix, indices: Int32Array): Matrix {
  const taken = new Float32Array(indices.length * cols);
  indices.forEach((row, at) => {
    taken.set(data.subarray(row * cols, (row + 1) * cols), at * cols);
  });
  return { rows: indices.length, cols, data: taken };
}

/** Training rows by index. */
export function takeRows({ features, logits, labels }: LabeledRows, indices: Int32Array): LabeledRows {
  return {
    ...(features && { features: takeMatrix(features, indices) }),
    ...(logits && { logits: takeMatrix(logits, indices) }),
    ...(labels && { labels: indices.map(row => labels[row]!) }),
  };
}

/** Indices of a random share of rows, and of the others. */
export function splitIndices(
  count: number,
  share: number,
  seed: number,
): { held: Int32Array; rest: Int32Array } {
  const order = permutation(count, createRandom(seed));
  const held = Math.round(share * count);
  return { held: order.slice(0, held).sort(), rest: order.slice(held).sort() };
}
