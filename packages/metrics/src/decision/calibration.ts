import { requireScores, type Scores } from '../input/scores.ts';

/** Held-out ID scores in ascending order: all that a conformal decision needs. Plain data, ready to store. */
export interface Calibration {
  readonly sorted: Float64Array;
}

/**
 * Sorts calibration scores once, for repeated use by the conformal functions (they take raw scores as well).
 *
 * @throws MetricsError `EMPTY_INPUT`, `NON_FINITE`
 */
export function calibrate(scores: Scores): Calibration {
  requireScores('calibrate', 'scores', scores);
  return { sorted: Float64Array.from(scores).sort() };
}

/** The calibration itself, or one made from raw scores. */
export function toCalibration(where: string, input: Calibration | Scores): Calibration {
  if ('sorted' in input) return input;
  requireScores(where, 'calibration', input);
  return { sorted: Float64Array.from(input).sort() };
}
