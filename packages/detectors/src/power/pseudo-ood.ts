import { createRandom, type Matrix, type Seed } from '@ood/core';

/** Kinds of rows made from ID rows that are none. */
export type PseudoOod = 'swapped' | 'shuffled' | 'stretched';

/** How far stretched rows lie from the mean, as a multiple. */
const STRETCH = 3;

/**
 * Rows made from ID rows that lack what holds these together, as many as there are: `swapped`, each coordinate from one of two
 * random rows; `shuffled`, each from a row of its own; `stretched`, three times as far from the mean.
 */
export function pseudoOod(kind: PseudoOod, { rows, cols, data }: Matrix, seed: Seed): Matrix<Float64Array> {
  const random = createRandom(seed, kind);
  const made = new Float64Array(rows * cols);
  const mean = new Float64Array(cols);
  if (kind === 'stretched') for (let at = 0; at < data.length; at++) mean[at % cols]! += data[at]! / rows;
  for (let row = 0; row < rows; row++) {
    const [one, other] = [random.below(rows), random.below(rows)];
    for (let i = 0; i < cols; i++) {
      const from =
        kind === 'shuffled' ? random.below(rows) : kind === 'swapped' && random.uniform() < 0.5 ? other : one;
      const value = data[from * cols + i]!;
      made[row * cols + i] = kind === 'stretched' ? mean[i]! + STRETCH * (value - mean[i]!) : value;
    }
  }
  return { rows, cols, data: made };
}
