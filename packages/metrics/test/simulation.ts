import type { Random } from '@ood/core';

/** Independent draws from N(mean, 1). */
export function normalScores(random: Random, count: number, mean = 0): Float64Array {
  return Float64Array.from({ length: count }, () => mean + random.normal());
}

/** How far a count may stray from its binomial mean before a test fails: four standard deviations. */
export function binomialSlack(trials: number, probability: number): number {
  return 4 * Math.sqrt(trials * probability * (1 - probability));
}
