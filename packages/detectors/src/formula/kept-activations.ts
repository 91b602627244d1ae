import type { Formula, Value } from './formula.ts';

/** e to more than this would overflow float32 in the logits; ratios of non-negative features stay far below. */
const LARGEST_EXPONENT = 50;

/** How many of `dim` features stay where a percentile is pruned; halves round to even, as in the published code. */
export function keptCount(dim: number, percentile: number): number {
  const pruned = (dim * percentile) / 100;
  const below = Math.floor(pruned);
  const rest = pruned - below;
  const rounded = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
  return Math.max(1, dim - rounded);
}

/** The smallest feature that stays, `[batch, 1]`, and exp(Σ f / Σ kept f). */
export function keptScale(f: Formula, features: Value, kept: number): { threshold: Value; scale: Value } {
  const top = f.topValues(features, kept);
  const keptSum = f.sum(top);
  // A feature vector without positive activations has no ratio; it is left as it is up to a constant.
  const ratio = f.select(f.greater(keptSum, 0), f.divide(f.sum(features), f.atLeast(keptSum, 1e-30)), 1);
  return { threshold: f.smallest(top), scale: f.exp(f.atMost(ratio, LARGEST_EXPONENT)) };
}
