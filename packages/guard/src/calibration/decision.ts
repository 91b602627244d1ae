import { conformalThreshold } from '@ood/metrics';
import { GuardError } from '../errors.ts';

/** Where the calibration rows came from. */
export type CalibrationSource =
  /** Rows that were given for calibration: unseen by the backbone, as the caller says. */
  | 'unseen'
  /** Rows held out of the fit: unseen by the detector, but not by a backbone that was trained on them. */
  | 'held-out';

/** How many calibration rows there were before those that do not count were left out. */
export interface RowCounts {
  readonly given: number;
  /** Rows equal to another calibration row. */
  readonly repeated: number;
  /** Rows equal to a training row. */
  readonly seen: number;
}

/** The decision of a guard and what it guarantees. */
export interface Calibration {
  readonly alpha: number;
  /** An input is called OOD when its score is greater. */
  readonly threshold: number;
  /** n, the number of distinct calibration rows. */
  readonly count: number;
  /** k = ⌊alpha (n + 1)⌋: the threshold is the k-th largest calibration score. */
  readonly rank: number;
  /** k / (n + 1): the rate of false alarms, averaged over calibration sets. */
  readonly expectedRate: number;
  /** Where the rate of this one calibration set lies. */
  readonly rateBand: { readonly low: number; readonly high: number; readonly confidence: number };
  readonly source: CalibrationSource;
  readonly rows: RowCounts;
  /** The guarantee in a sentence. */
  readonly guarantee: string;
}

export interface DecisionOptions {
  readonly alpha: number;
  readonly source: CalibrationSource;
  /** Default: all given rows count. */
  readonly rows?: RowCounts;
}

/**
 * The split-conformal decision from the float32 scores of distinct ID rows that the fit has not seen.
 *
 * @throws GuardError `TOO_FEW` when n < 1 / alpha − 1, `CONSTANT_SCORES`
 */
export function calibrateDecision(
  scores: Float32Array,
  { alpha, source, rows = { given: scores.length, repeated: 0, seen: 0 } }: DecisionOptions,
): Calibration {
  requireEnough(scores.length, { alpha, source, rows });
  if (scores.length > 1 && scores.every(score => score === scores[0])) throw constant(scores);
  const { threshold, count, rank, expectedRate, rateBand, guarantee } = conformalThreshold(scores, { alpha });
  const { low, high, confidence } = rateBand;
  const held =
    source === 'unseen'
      ? ''
      : ' It holds for inputs exchangeable with the held-out rows only; see the warnings.';
  return {
    alpha,
    threshold,
    count,
    rank,
    expectedRate,
    rateBand: { low, high, confidence },
    source,
    rows,
    guarantee: guarantee + held,
  };
}

function constant(scores: Float32Array): GuardError {
  return new GuardError('CONSTANT_SCORES', {
    where: 'calibration',
    expected: 'a detector that tells calibration rows apart',
    got: `the score ${scores[0]} for all ${scores.length}`,
    advice: 'take another detector (softmax scores say nothing of a single logit), or check the rows',
    details: { score: scores[0], count: scores.length },
  });
}

/** @throws GuardError `TOO_FEW` when n < 1 / alpha − 1 */
export function requireEnough(count: number, { alpha, source, rows }: DecisionOptions): void {
  // 1 / alpha may round up: 1 / (1 / 49) needs 48 rows, not 49.
  const fewest = Math.max(1, Math.ceil(1 / alpha - 1e-9) - 1);
  if (count >= fewest) return;
  const lost = rows && count < rows.given ? `, left of ${rows.given} without ${whatIsLost(rows)}` : '';
  throw new GuardError('TOO_FEW', {
    where: 'calibration',
    expected: `at least ${fewest} distinct rows for alpha = ${alpha}`,
    got: `${count}${lost}${source === 'unseen' ? '' : ' (a fifth of those to fit on, held out)'}`,
    advice: `give more ${source === 'unseen' ? 'calibration images' : 'images, or others to calibrate on'}, or accept a larger alpha`,
    details: { count, fewest, alpha, ...(rows && { rows }) },
  });
}

function whatIsLost({ repeated, seen }: RowCounts): string {
  return [
    ...(repeated > 0 ? [`${repeated} that repeat others`] : []),
    ...(seen > 0 ? [`${seen} that are training rows`] : []),
  ].join(' and ');
}
