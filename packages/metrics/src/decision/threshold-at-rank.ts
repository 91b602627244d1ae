import { betaQuantile } from '../special/beta.ts';
import type { ConformalOptions, ConformalThreshold } from './conformal-threshold.ts';

/** The threshold at the k-th largest of n ascending scores, with what follows from k and n alone. */
export function thresholdAtRank(
  sorted: Float64Array,
  rank: number,
  { alpha, confidence }: Required<ConformalOptions>,
): Omit<ConformalThreshold, 'guarantee'> {
  const n = sorted.length;
  const tail = (1 - confidence) / 2;
  return {
    threshold: sorted[n - rank]!,
    alpha,
    rank,
    count: n,
    expectedRate: rank / (n + 1),
    rateBand: {
      low: betaQuantile(tail, rank, n + 1 - rank),
      high: betaQuantile(1 - tail, rank, n + 1 - rank),
      confidence,
      method: `Beta(${rank}, ${n + 1 - rank})`,
    },
  };
}

/** A share in percent, with three digits. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
