import { invalidOption } from '@ood/core';
import { requireList, requireSameLength, requireScores, type Scores } from '../input/scores.ts';
import { type Calibration, toCalibration } from './calibration.ts';
import { type CombinationMethod, type CombineOptions, logPCombiner } from './combine-p-values.ts';
import { conformalPValues } from './conformal-p-values.ts';
import { fitSmoothedTail, type SmoothedTail, smoothedLogPValues } from './smoothed-tail.ts';

export interface FusionOptions extends CombineOptions {
  /** Quantile of the reference scores beyond which each detector's tail is exponential. Default 0.9. */
  readonly from?: number;
}

/** Several detectors made one: their p-value scales, how these combine, and the calibration of the result. Plain data. */
export interface Fusion {
  readonly method: CombinationMethod;
  readonly weights: readonly number[] | null;
  /** One per detector. */
  readonly tails: readonly SmoothedTail[];
  /** Fused scores of the fresh calibration rows: feed them to `conformalThreshold`. */
  readonly calibration: Calibration;
}

/**
 * Fits a fusion of k detectors from ID scores only, in two steps on disjoint rows: `reference` turns each detector's score into a one-sided p-value
 * (`fitSmoothedTail`); `calibration`, rows not used before, calibrates the combined score.
 *
 * The second step makes the decision valid whatever the dependence between detectors: the combination only ranks. If the calibration rows and a new ID input are exchangeable given
 * the reference rows, `fusionPValues` ≤ α has probability at most α. One-sided: a p-value above ½ counts as ½ in
 * `'stouffer'` and `'cauchy'`, so that one detector's confidence never cancels another's alarm.
 *
 * @param reference one list of scores per detector, the same rows in the same order
 * @param calibration likewise, on other rows
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `CONSTANT_INPUT`, `INVALID_OPTION`
 */
export function fitFusion(
  reference: readonly Scores[],
  calibration: readonly Scores[],
  { method = 'fisher', weights, from = 0.9 }: FusionOptions = {},
): Fusion {
  const where = 'fitFusion';
  if (reference.length === 0) throw invalidOption(where, 'reference', 'scores of at least one detector', 0);
  requireRows(where, 'reference', reference);
  for (const [i, scores] of reference.entries()) requireScores(where, `reference[${i}]`, scores);
  const tails = reference.map(scores => fitSmoothedTail(scores, { from }));
  const rule = { method, weights: weights ?? null, tails };
  return { ...rule, calibration: toCalibration(where, fuse(where, rule, calibration)) };
}

/**
 * The fused score of each row, −log of the combined p-value: higher = more OOD, unit nats.
 *
 * @param scores one list per detector, in the order of `fitFusion`
 * @throws OodError `NON_FINITE`, `WRONG_SHAPE`
 */
export function fusedScores(fusion: Fusion, scores: readonly Scores[]): Float64Array {
  return fuse('fusedScores', fusion, scores);
}

/**
 * Conformal p-values of the fused score, valid under any dependence between the detectors; see `fitFusion`.
 *
 * @throws OodError `NON_FINITE`, `WRONG_SHAPE`
 */
export function fusionPValues(fusion: Fusion, scores: readonly Scores[]): Float64Array {
  return conformalPValues(fusion.calibration, fuse('fusionPValues', fusion, scores));
}

function fuse(where: string, rule: Omit<Fusion, 'calibration'>, scores: readonly Scores[]): Float64Array {
  const { method, weights, tails } = rule;
  requireList(where, 'scores', scores);
  requireSameLength(where, ['detectors', tails.length], ['score lists', scores.length]);
  requireRows(where, 'scores', scores);
  const combine = logPCombiner(where, tails.length, weights === null ? { method } : { method, weights });
  const ceiling = method === 'stouffer' || method === 'cauchy' ? -Math.LN2 : 0;
  const logP = tails.map((tail, detector) => smoothedLogPValues(tail, scores[detector]!));
  const row = new Float64Array(tails.length);
  return Float64Array.from(scores[0]!, (_, i) => {
    for (let detector = 0; detector < row.length; detector++) {
      row[detector] = Math.min(logP[detector]![i]!, ceiling);
    }
    return -combine(row);
  });
}

function requireRows(where: string, name: string, lists: readonly Scores[]): void {
  requireList(where, name, lists);
  lists.forEach((list, i) => {
    requireList(where, `${name}[${i}]`, list);
    requireSameLength(where, [`${name}[0]`, lists[0]!.length], [`${name}[${i}]`, list.length]);
  });
}
