import { conformalThreshold } from '@ood/metrics';
import { GuardError } from '../errors.ts';

/** Where the calibration rows came from. */
export type CalibrationSource =
  /** Rows that were given for calibration: unseen by the backbone, as the caller says. */
  | 'unseen'
  /** Rows held out of the fit: unseen by the detector, but not by a backbone that was trained on them. */
  | 'held-out';

/** The decision of a guard and what it guarantees. */
export interface Calibration {
  readonly alpha: number;
  /** An input is called OOD when its score is greater. */
  readonly threshold: number;
  /** n, the number of calibration rows. */
  readonly count: number;
  /** k = ⌊alpha (n + 1)⌋: the threshold is the k-th largest calibration score. */
  readonly rank: number;
  /** k / (n + 1): the rate of false alarms, averaged over calibration sets. */
  readonly expectedRate: number;
  /** Where the rate of this one calibration set lies. */
  readonly rateBand: { readonly low: number; readonly high: number; readonly confidence: number };
  readonly source: CalibrationSource;
  /** The guarantee in a sentence. */
  readonly guarantee: string;
  /** What is lost, or `null`. */
  readonly caveat: string | null;
}

const CAVEAT =
  'No rows unseen by the backbone were given, so a part of the fitting rows was held out instead. If the backbone was ' +
  'trained on them, new ID inputs look less typical than they do: expect more false alarms than alpha (7.4 % instead of ' +
  '5 % were measured with Mahalanobis++ on CIFAR-10). Give calibration rows that the backbone was not trained on to have the guarantee.';

/**
 * The split-conformal decision from the float32 scores of held-out ID rows.
 *
 * @throws GuardError `TOO_FEW_ROWS` when n < 1 / alpha − 1, `CONSTANT_SCORES`
 */
export function calibrateDecision(
  scores: Float32Array,
  { alpha, source }: { readonly alpha: number; readonly source: CalibrationSource },
): Calibration {
  requireEnough(scores.length, { alpha, source });
  if (scores.length > 1 && scores.every(score => score === scores[0])) throw constant(scores);
  const { threshold, count, rank, expectedRate, rateBand, guarantee } = conformalThreshold(scores, { alpha });
  const { low, high, confidence } = rateBand;
  const held =
    source === 'unseen' ? '' : ' It holds for inputs exchangeable with the held-out rows only; see caveat.';
  return {
    alpha,
    threshold,
    count,
    rank,
    expectedRate,
    rateBand: { low, high, confidence },
    source,
    guarantee: guarantee + held,
    caveat: source === 'unseen' ? null : CAVEAT,
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

/** @throws GuardError `TOO_FEW_ROWS` when n < 1 / alpha − 1 */
export function requireEnough(
  count: number,
  { alpha, source }: { readonly alpha: number; readonly source: CalibrationSource },
): void {
  // 1 / alpha may round up: 1 / (1 / 49) needs 48 rows, not 49.
  const fewest = Math.max(1, Math.ceil(1 / alpha - 1e-9) - 1);
  if (count >= fewest) return;
  throw new GuardError('TOO_FEW_ROWS', {
    where: 'calibration',
    expected: `at least ${fewest} rows for alpha = ${alpha}`,
    got: source === 'unseen' ? `${count}` : `${count} (a fifth of those to fit on, held out)`,
    advice: `give more ${source === 'unseen' ? 'calibration images' : 'images, or others to calibrate on'}, or accept a larger alpha`,
    details: { count, alpha },
  });
}
