import { openUnit, requireOption } from '@ood/core';
import { MetricsError } from '../errors.ts';
import { requireFinite, requireList, type Scores } from '../input/scores.ts';
import { countAtMost, countBelow } from '../input/sorted-counts.ts';
import { type Calibration, toCalibration } from './calibration.ts';

/** Empirical p-values up to a start score, an exponential tail beyond it. Plain data, ready to store. */
export interface SmoothedTail {
  readonly sorted: Float64Array;
  /** The score from which on the tail is exponential. */
  readonly start: number;
  /** p-value at `start` seen from above: (1 + number of scores beyond) / (n + 1). */
  readonly startP: number;
  /** Mean excess over `start` of the scores beyond it, the maximum-likelihood scale of the exponential; score units. */
  readonly scale: number;
}

/**
 * A p-value scale that keeps ranking beyond the largest calibration score, where conformal p-values all saturate at 1 / (n + 1).
 *
 * For s ≤ u the conformal p-value; for s > u: (1 + #{calibration > u}) / (n + 1) · exp(−(s − u) / β), u the `from` quantile of the calibration scores and β the mean
 * excess over it. Assumes an exponential tail, so it ranks and fuses but guarantees nothing: put a conformal step behind it (`fitFusion` does).
 * If the top scores are all tied, u moves down to the next distinct score.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_OPTION`; `CONSTANT_INPUT` when all scores are equal
 * @see Pickands (1975), Annals of Statistics 3 (generalised Pareto tail; exponential is its shape-0 member)
 */
export function fitSmoothedTail(
  calibration: Calibration | Scores,
  { from = 0.9 }: { readonly from?: number } = {},
): SmoothedTail {
  const where = 'fitSmoothedTail';
  requireOption(where, 'from', from, openUnit);
  const { sorted } = toCalibration(where, calibration);
  const n = sorted.length;
  let index = Math.min(n - 1, Math.ceil(from * n) - 1);
  if (sorted[index] === sorted[n - 1]) index = countBelow(sorted, sorted[n - 1]!) - 1;
  if (index < 0) {
    throw new MetricsError('CONSTANT_INPUT', {
      where,
      expected: 'at least two distinct calibration scores',
      got: `${n} times ${sorted[0]}`,
      advice: 'a constant score carries no evidence; leave this detector out',
      details: { count: n, value: sorted[0] },
    });
  }
  const start = sorted[index]!;
  const first = countAtMost(sorted, start);
  let excess = 0;
  for (let i = first; i < n; i++) excess += sorted[i]! / (n - first) - start / (n - first);
  return { sorted, start, startP: (1 + n - first) / (n + 1), scale: Math.min(excess, Number.MAX_VALUE) };
}

/**
 * Natural logarithms of the smoothed p-values; they keep ranking where the p-values themselves underflow. Never below −1e300.
 *
 * @throws OodError `NON_FINITE`
 */
export function smoothedLogPValues(tail: SmoothedTail, scores: Scores): Float64Array {
  requireFinite('smoothedLogPValues', 'scores', scores);
  requireList('smoothedLogPValues', 'tail.sorted', tail.sorted);
  const { sorted, start, startP, scale } = tail;
  const n = sorted.length;
  const logStartP = Math.log(startP);
  return Float64Array.from(scores, s => {
    if (s <= start) return Math.log((1 + n - countBelow(sorted, s)) / (n + 1));
    return Math.max(logStartP - (s / scale - start / scale), -1e300);
  });
}
