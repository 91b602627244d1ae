import { MetricsError } from '../errors.ts';
import { requireList, requireScores, type Scores } from '../input/scores.ts';

/** Held-out ID scores in ascending order: all that a conformal decision needs. Plain data; in JSON store `Array.from(sorted)` and `calibrate` it again. */
export interface Calibration {
  readonly sorted: Float64Array;
}

/**
 * Sorts calibration scores once, for repeated use by the conformal functions (they take raw scores as well).
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`
 */
export function calibrate(scores: Scores): Calibration {
  requireScores('calibrate', 'scores', scores);
  return { sorted: Float64Array.from(scores).sort() };
}

/** The calibration itself, or one made from raw scores. */
export function toCalibration(where: string, input: Calibration | Scores): Calibration {
  if (isCalibration(input)) {
    // What came back from JSON is no typed array: without its length every p-value would be NaN.
    requireList(where, 'calibration.sorted', input.sorted);
    requireAscending(where, input.sorted);
    return input;
  }
  requireScores(where, 'calibration', input);
  return { sorted: Float64Array.from(input).sort() };
}

/** Counts in a list out of order, or with NaN, would be wrong without a word. */
function requireAscending(where: string, sorted: Float64Array): void {
  let index = 0;
  while (index < sorted.length && sorted[index]! >= (sorted[index - 1] ?? -Number.MAX_VALUE)) index++;
  if (index === sorted.length && sorted.length > 0 && sorted[index - 1]! < Number.POSITIVE_INFINITY) return;
  throw new MetricsError(sorted.length === 0 ? 'EMPTY_INPUT' : 'INVALID_VALUE', {
    where,
    expected: 'calibration.sorted to hold finite scores in ascending order',
    got:
      sorted.length === 0
        ? 'none'
        : `${sorted[index] ?? sorted[index - 1]} at index ${Math.min(index, sorted.length - 1)}`,
    advice: 'make it with calibrate(scores)',
    details: { index, length: sorted.length },
  });
}

function isCalibration(input: Calibration | Scores): input is Calibration {
  return typeof input === 'object' && input !== null && 'sorted' in input;
}
