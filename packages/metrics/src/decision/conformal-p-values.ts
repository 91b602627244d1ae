import { createRandom, type Seed } from '@ood/core';
import { requireFinite, type Scores } from '../input/scores.ts';
import { countAtMost, countBelow } from '../input/sorted-counts.ts';
import { type Calibration, toCalibration } from './calibration.ts';

/**
 * Split-conformal p-values, one per score: p = (1 + #{calibration ≥ s}) / (n + 1). Small = unlike ID.
 *
 * If the n calibration scores and the score of an ID input are exchangeable, P(p ≤ α) ≤ α for every α, averaged over
 * calibration sets; no assumption on the detector or on the shape of the scores. The smallest value is 1 / (n + 1).
 * Calibration rows must be unseen by the detector's fit and by the backbone.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`
 * @see Vovk, Gammerman & Shafer (2005); Bates et al. (2023), Annals of Statistics 51
 */
export function conformalPValues(calibration: Calibration | Scores, scores: Scores): Float64Array {
  const { sorted } = toCalibration('conformalPValues', calibration);
  requireFinite('conformalPValues', 'scores', scores);
  const n = sorted.length;
  return Float64Array.from(scores, s => (1 + n - countBelow(sorted, s)) / (n + 1));
}

/**
 * Randomized split-conformal p-values: p = (#{calibration > s} + U (1 + #{calibration = s})) / (n + 1), U uniform in (0, 1].
 *
 * Exactly uniform on (0, 1] for an exchangeable ID input, ties or not: P(p ≤ α) = α. The price is that the same score
 * gets another p-value under another seed: for calibration checks and pooled tests, not for a decision on one image.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_OPTION`
 * @see Vovk, Gammerman & Shafer (2005), "smoothed" conformal predictors
 */
export function randomizedConformalPValues(
  calibration: Calibration | Scores,
  scores: Scores,
  { seed = 1 }: { readonly seed?: Seed } = {},
): Float64Array {
  const { sorted } = toCalibration('randomizedConformalPValues', calibration);
  requireFinite('randomizedConformalPValues', 'scores', scores);
  const random = createRandom(seed);
  const n = sorted.length;
  return Float64Array.from(scores, s => {
    const above = n - countAtMost(sorted, s);
    const tied = n - above - countBelow(sorted, s);
    return (above + (1 - random.uniform()) * (1 + tied)) / (n + 1);
  });
}
