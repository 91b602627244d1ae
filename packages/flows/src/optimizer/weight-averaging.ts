import type { ParameterSlot } from './arena.ts';
import { averagingWeight } from './scalars.ts';

/**
 * Moves every running average towards its parameter: a ← a + (1 − d)(p − a), with d = min(decay, t / (t + 9)) at step
 * t, so that the first steps, far from the optimum, are forgotten quickly.
 */
export function averageWeights(slots: readonly ParameterSlot[], decay: number, step: number): void {
  const weight = averagingWeight(decay, step);
  for (const slot of slots) slot.kernel.average(slot.range, weight);
}
