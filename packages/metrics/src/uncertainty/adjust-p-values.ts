import { invalidOption } from '@ood/core';
import { requirePValues } from '../decision/combine-p-values.ts';
import type { Scores } from '../input/scores.ts';

/**
 * What is controlled, and under which dependence:
 *
 * - `'bonferroni'`: chance of any false rejection; any dependence.
 * - `'holm'`: the same, never weaker than Bonferroni; any dependence.
 * - `'benjamini-hochberg'`: expected share of false ones among the rejected; independence or positive dependence (PRDS).
 * - `'benjamini-yekutieli'`: the same under any dependence, at a cost of about log k.
 */
export type AdjustmentMethod = 'bonferroni' | 'holm' | 'benjamini-hochberg' | 'benjamini-yekutieli';

/**
 * Adjusted p-values for many comparisons, in the order given: reject where the adjusted value is at most the level.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_VALUE` (outside (0, 1]), `INVALID_OPTION`
 * @see Holm (1979); Benjamini & Hochberg (1995); Benjamini & Yekutieli (2001)
 */
export function adjustPValues(
  pValues: Scores,
  { method = 'holm' }: { readonly method?: AdjustmentMethod } = {},
): Float64Array {
  return adjustAs('adjustPValues', pValues, method);
}

/** `adjustPValues` as part of the function `where`. */
export function adjustAs(where: string, pValues: Scores, method: AdjustmentMethod): Float64Array {
  requirePValues(where, pValues);
  const k = pValues.length;
  const order = Array.from(pValues, (_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Float64Array(k);
  switch (method) {
    case 'bonferroni':
      return adjusted.map((_, i) => Math.min(1, k * pValues[i]!));
    case 'holm': {
      let largest = 0;
      order.forEach((index, rank) => {
        largest = Math.max(largest, (k - rank) * pValues[index]!);
        adjusted[index] = Math.min(1, largest);
      });
      return adjusted;
    }
    case 'benjamini-hochberg':
      return stepUp(pValues, order, 1);
    case 'benjamini-yekutieli':
      return stepUp(pValues, order, harmonic(k));
    default:
      throw invalidOption(
        where,
        'method',
        'bonferroni, holm, benjamini-hochberg or benjamini-yekutieli',
        method,
      );
  }
}

/** min over ranks j ≥ i of factor · k · p₍ⱼ₎ / j, cut at 1. */
function stepUp(pValues: Scores, order: readonly number[], factor: number): Float64Array {
  const k = order.length;
  const adjusted = new Float64Array(k);
  let smallest = 1;
  for (let rank = k; rank >= 1; rank--) {
    const index = order[rank - 1]!;
    smallest = Math.min(smallest, (pValues[index]! * k * factor) / rank);
    adjusted[index] = smallest;
  }
  return adjusted;
}

function harmonic(k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += 1 / i;
  return sum;
}
