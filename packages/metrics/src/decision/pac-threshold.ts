import { openUnit, requireOption } from '@ood/core';
import { MetricsError } from '../errors.ts';
import type { Scores } from '../input/scores.ts';
import { betaCdf, betaQuantile } from '../special/beta.ts';
import { type Calibration, toCalibration } from './calibration.ts';
import {
  type ConformalOptions,
  type ConformalThreshold,
  percent,
  thresholdAtRank,
} from './conformal-threshold.ts';

/** A decision threshold that holds for this one calibration set, with stated confidence. */
export interface PacThreshold extends ConformalThreshold {
  /** Probability over calibration sets that the rejection rate of ID inputs is at most `alpha`; at least as asked for. */
  readonly confidence: number;
  /** Upper bound of the rejection rate with the confidence asked for: that quantile of Beta(k, n + 1 − k), at most `alpha`. */
  readonly rateBound: number;
}

/**
 * The threshold whose rejection rate of ID inputs is at most α for *this* calibration set, with probability `confidence` over sets
 * ("probably approximately correct"); `conformalThreshold` promises α only on average over sets, and exceeds it for about every second.
 *
 * The k-th largest of n held-out ID scores, k the largest with P(Beta(k, n + 1 − k) ≤ α) ≥ confidence: the rate given the set follows
 * that distribution for continuous scores and is stochastically smaller with ties, so the bound is exact, not asymptotic. It is an
 * order-statistic tolerance bound (n = 59 for α = 5 % at 95 %). `expectedRate` says what the caution costs: it is below α.
 *
 * @param options `alpha`, default 0.05; `confidence`, default 0.95
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_OPTION`; `TOO_FEW` when n < log(1 − confidence) / log(1 − α), naming how many
 *   are needed
 * @see Wilks (1941), Annals of Mathematical Statistics 12; Vovk (2012), ACML; Park, Bastani, Matni & Lee (2020), ICLR
 */
export function pacThreshold(
  calibration: Calibration | Scores,
  { alpha = 0.05, confidence = 0.95 }: ConformalOptions = {},
): PacThreshold {
  const where = 'pacThreshold';
  requireOption(where, 'alpha', alpha, openUnit);
  requireOption(where, 'confidence', confidence, openUnit);
  const { sorted } = toCalibration(where, calibration);
  const n = sorted.length;
  const rank = pacRank(n, alpha, confidence);
  if (rank === 0) {
    const needed = fewestScores(alpha, confidence);
    throw new MetricsError('TOO_FEW', {
      where,
      expected: `at least ${needed} calibration scores for alpha = ${alpha} with confidence ${confidence}`,
      got: `${n}`,
      advice: `hold out more ID samples, or accept alpha of at least ${betaQuantile(confidence, 1, n)}`,
      details: { count: n, needed, alpha, confidence },
    });
  }
  const rateBound = Math.min(alpha, betaQuantile(confidence, rank, n + 1 - rank));
  return {
    ...thresholdAtRank(sorted, rank, { alpha, confidence }),
    confidence: betaCdf(alpha, rank, n + 1 - rank),
    rateBound,
    guarantee:
      `With probability ${percent(confidence)} over calibration sets of ${n}, an exchangeable ID input is rejected with ` +
      `probability at most ${percent(alpha)}; on average over sets, with ${percent(rank / (n + 1))}.`,
  };
}

/** The largest k with P(Beta(k, n + 1 − k) ≤ α) ≥ confidence, 0 where there is none; the probability falls with k. */
function pacRank(n: number, alpha: number, confidence: number): number {
  // The Beta function rounds: at equality that must not decide.
  const holds = (k: number): boolean => betaCdf(alpha, k, n + 1 - k) >= confidence * (1 - 1e-12);
  let low = 0;
  let high = n + 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The smallest n for which rank 1 holds: 1 − (1 − α)ⁿ ≥ confidence. */
function fewestScores(alpha: number, confidence: number): number {
  const about = Math.max(1, Math.ceil(Math.log1p(-confidence) / Math.log1p(-alpha)));
  // The quotient rounds: both neighbors are looked at.
  for (const n of [about - 1, about]) if (n > 0 && pacRank(n, alpha, confidence) > 0) return n;
  return about + 1;
}
