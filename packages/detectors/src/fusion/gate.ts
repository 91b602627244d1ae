import { createRandom, type Matrix, type Rows } from '@ood/core';
import { auroc } from '@ood/metrics';
import type { Detector } from '../contract/detector.ts';

/** The weight at `center`, and by what it grows over each `step` of the gate. Chosen on eight networks; see docs/results/fde-fused.md. */
const WEIGHT = { atCenter: 0.02, center: 0.8, step: 0.04, growth: 5, least: 0.02, most: 3 };
const MOST_SWAPPED = 3000;

/**
 * How much the head sees of what is no longer ID, from ID rows alone: AUROC of ReAct between held-out rows and pseudo-OOD, each of whose
 * coordinates is that of one of two of these rows.
 */
export async function headGate(
  react: Detector,
  { features, logits }: Required<Rows>,
  seed: number,
): Promise<number> {
  const swapped = swapCoordinates(features, Math.min(MOST_SWAPPED, 2 * features.rows + 500), seed);
  const held = await react.score({ features, logits });
  return auroc(held, await react.score({ features: swapped }));
}

/** The weight of the logit evidence against the density's 1. */
export function gatedWeight(gate: number): number {
  const { atCenter, center, step, growth, least, most } = WEIGHT;
  return Math.min(most, Math.max(least, atCenter * growth ** ((gate - center) / step)));
}

/** Rows whose coordinates are each from one of two random, different rows. */
export function swapCoordinates({ rows, cols, data }: Matrix, count: number, seed: number): Matrix {
  const random = createRandom(seed);
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
