import { createRandom, type Matrix, type Random, type Seed } from '@ood/core';

/** Kinds of rows made from ID rows that are none. */
export type PseudoOod = 'swapped' | 'shuffled' | 'stretched' | 'reversed';

/** How far stretched rows lie from the mean, as a multiple. */
const STRETCH = 3;
/** The same of reversed ones. */
const FAR = 100;

/**
 * Rows made from ID rows that lack what holds these together, as many as there are: `swapped`, each coordinate from one of two
 * random, different rows; `shuffled`, each from a row of its own; `stretched`, three times as far from the mean; `reversed`, a hundred
 * times as far, on the other side.
 */
export function pseudoOod(kind: PseudoOod, matrix: Matrix, seed: Seed): Matrix<Float64Array> {
  const { rows, cols, data } = matrix;
  const random = createRandom(seed, kind);
  if (kind === 'swapped') return swapCoordinates(matrix, rows, random);
  if (kind === 'shuffled') {
    const made = new Float64Array(rows * cols);
    for (let at = 0; at < made.length; at++) made[at] = data[random.below(rows) * cols + (at % cols)]!;
    return { rows, cols, data: made };
  }
  const mean = new Float64Array(cols);
  for (let at = 0; at < data.length; at++) mean[at % cols]! += data[at]! / rows;
  const factor = kind === 'stretched' ? STRETCH : -FAR;
  return {
    rows,
    cols,
    data: Float64Array.from(data, (value, at) => mean[at % cols]! + factor * (value - mean[at % cols]!)),
  };
}

/** `count` rows whose coordinates are each from one of two random, different rows. */
export function swapCoordinates(
  { rows, cols, data }: Matrix,
  count: number,
  random: Random,
): Matrix<Float64Array> {
  const swapped = new Float64Array(count * cols);
  for (let row = 0; row < count; row++) {
    const one = random.below(rows);
    const other = rows > 1 ? (one + 1 + random.below(rows - 1)) % rows : one;
    for (let i = 0; i < cols; i++) {
      swapped[row * cols + i] = data[(random.uniform() < 0.5 ? other : one) * cols + i]!;
    }
  }
  return { rows: count, cols, data: swapped };
}
