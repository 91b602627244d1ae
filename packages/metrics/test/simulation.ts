import type { Random } from '../src/random/random.ts';
import { normalUpperQuantile } from '../src/special/normal.ts';

/** Independent draws from N(mean, 1). */
export function normalScores(random: Random, count: number, mean = 0): Float64Array {
  return Float64Array.from({ length: count }, () => mean - normalUpperQuantile(1 - random.uniform() || 0.5));
}

/** How far a count may stray from its binomial mean before a test fails: four standard deviations. */
export function binomialSlack(trials: number, probability: number): number {
  return 4 * Math.sqrt(trials * probability * (1 - probability));
}
