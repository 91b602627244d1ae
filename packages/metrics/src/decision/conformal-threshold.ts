import { openUnit, requireOption } from '@ood/core';
import { MetricsError } from '../errors.ts';
import type { Scores } from '../input/scores.ts';
import { betaQuantile } from '../special/beta.ts';
import type { Interval } from '../uncertainty/interval.ts';
import { type Calibration, toCalibration } from './calibration.ts';

export interface ConformalOptions {
  /** Largest tolerated share of rejected ID inputs, 0 < alpha < 1. Default 0.05. */
  readonly alpha?: number;
  /** Coverage of `rateBand`. Default 0.95. */
  readonly confidence?: number;
}

/** A decision threshold from ID scores only, with what it guarantees. */
export interface ConformalThreshold {
  /** An input is called OOD when its score is *greater* than this: the k-th largest calibration score. */
  readonly threshold: number;
  readonly alpha: number;
  /** k = ⌊alpha (n + 1)⌋. */
  readonly rank: number;
  /** n, the number of calibration scores. */
  readonly count: number;
  /** k / (n + 1) ≤ alpha: the rejection rate of ID inputs, averaged over calibration sets (continuous scores; with ties at most this). */
  readonly expectedRate: number;
  /** Where the rejection rate of this one calibration set lies: quantiles of Beta(k, n + 1 − k). */
  readonly rateBand: Interval;
  /** The guarantee in a sentence, with these numbers. */
  readonly guarantee: string;
}

/**
 * The split-conformal threshold: the k-th largest of n held-out ID scores, k = ⌊α(n + 1)⌋; reject when s > threshold,
 * which is the same as `conformalPValues` ≤ α.
 *
 * Guarantee: averaged over calibration sets, an exchangeable ID input is rejected with probability at most α. Given one calibration set of n, the rate follows
 * Beta(k, n + 1 − k) for continuous scores (n = 500, α = 5 %: 3.3–7.1 %) and is stochastically smaller with ties. Nothing is said about OOD inputs,
 * nor about ID inputs of one kind (see `classConditionalThresholds`). For a promise about this one set see `pacThreshold`. Calibration rows must be unseen by the detector and by the backbone.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_OPTION`; `TOO_FEW` when n < 1/α − 1, naming how many are needed
 * @see Vovk, Gammerman & Shafer (2005); Vovk (2012), ACML
 */
export function conformalThreshold(
  calibration: Calibration | Scores,
  { alpha = 0.05, confidence = 0.95 }: ConformalOptions = {},
): ConformalThreshold {
  const where = 'conformalThreshold';
  requireOption(where, 'alpha', alpha, openUnit);
  requireOption(where, 'confidence', confidence, openUnit);
  const { sorted } = toCalibration(where, calibration);
  const n = sorted.length;
  const rank = conformalRank(n, alpha);
  if (rank === 0) {
    const about = Math.ceil(1 / alpha) - 1;
    // 1 / alpha can round up: 1 / (1 / 49) is a little above 49.
    const needed = conformalRank(about - 1, alpha) > 0 ? about - 1 : about;
    throw new MetricsError('TOO_FEW', {
      where,
      expected: `at least ${needed} calibration scores for alpha = ${alpha}`,
      got: `${n}`,
      advice: `hold out more ID samples, or accept alpha of at least ${1 / (n + 1)}`,
      details: { count: n, needed, alpha },
    });
  }
  const result = thresholdAtRank(sorted, rank, { alpha, confidence });
  const { low, high, method } = result.rateBand;
  return {
    ...result,
    guarantee:
      `Averaged over calibration sets, an exchangeable ID input is rejected with probability at most ${percent(alpha)}; ` +
      `given one set of ${n}, the rate follows ${method}: ${percent(low)} to ${percent(high)} with ${percent(confidence)} probability.`,
  };
}

/** The largest k with k / (n + 1) ≤ alpha: ⌊alpha (n + 1)⌋ without its rounding accidents (0.29 · 100 is 28.999…). */
export function conformalRank(n: number, alpha: number): number {
  const k = Math.floor(alpha * (n + 1));
  if ((k + 1) / (n + 1) <= alpha) return k + 1;
  return k / (n + 1) <= alpha ? k : k - 1;
}

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
