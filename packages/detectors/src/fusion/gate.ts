import { createRandom, type Rows } from '@ood/core';
import { auroc } from '@ood/metrics';
import type { Detector } from '../contract/detector.ts';
import { swapCoordinates } from '../power/pseudo-ood.ts';

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
  const count = Math.min(MOST_SWAPPED, 2 * features.rows + 500);
  const swapped = swapCoordinates(features, count, createRandom(seed));
  const held = await react.score({ features, logits });
  return auroc(held, await react.score({ features: swapped }));
}

/** The weight of the logit evidence against the density's 1. */
export function gatedWeight(gate: number): number {
  const { atCenter, center, step, growth, least, most } = WEIGHT;
  return Math.min(most, Math.max(least, atCenter * growth ** ((gate - center) / step)));
}
