import { createRandom, type Rows } from '@ood/core';
import { auroc } from '@ood/metrics';
import type { Detector } from '../contract/detector.ts';
import { swapCoordinates } from '../power/pseudo-ood.ts';

/**
 * The weight at `center`, and by what it grows over each `step` of the gate; the most that it may be where classes describe the neighborhoods
 * of the rows, so that the density is strong, and where they do not. See docs/results/fde-fused.md for the networks that it was chosen on.
 */
const WEIGHT = {
  atCenter: 0.02,
  center: 0.8,
  step: 0.04,
  growth: 5,
  least: 0.02,
  mostOrganized: 0.5,
  most: 3,
};
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
export function gatedWeight(gate: number, { organized }: { readonly organized: boolean }): number {
  const { atCenter, center, step, growth, least, mostOrganized, most } = WEIGHT;
  const weight = atCenter * growth ** ((gate - center) / step);
  return Math.min(organized ? mostOrganized : most, Math.max(least, weight));
}
