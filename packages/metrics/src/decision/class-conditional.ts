import { oneOf, openUnit, requireOption } from '@ood/core';
import { MetricsError } from '../errors.ts';
import {
  requireFinite,
  requireList,
  requireSameLength,
  requireScores,
  type Scores,
} from '../input/scores.ts';
import { calibrate } from './calibration.ts';
import { conformalRank, conformalThreshold } from './conformal-threshold.ts';

/** Scores with the class that the classifier *predicts* for each sample (never the true label: a new input has none). */
export interface PredictedScores {
  readonly scores: Scores;
  /** Non-negative integers, one per score. */
  readonly predicted: ArrayLike<number>;
}

export interface ClassConditionalOptions {
  /** Largest tolerated share of rejected ID inputs, 0 < alpha < 1. Default 0.05. */
  readonly alpha?: number;
  /**
   * What happens to classes with fewer than 1/alpha − 1 calibration scores: `'merged'` (default) gives them one common threshold from
   * all their scores together; `'never'` never rejects them.
   */
  readonly fallback?: 'merged' | 'never';
}

/** The threshold of one predicted class. */
export interface ClassThreshold {
  readonly predicted: number;
  /** Calibration scores of this class. */
  readonly count: number;
  /** OOD when the score is greater; `null` when nothing can be promised, so that the class is never rejected. */
  readonly threshold: number | null;
  /** Whether the threshold comes from this class alone, from all small classes together, or from nowhere. */
  readonly source: 'own' | 'merged' | 'none';
}

/** Thresholds by predicted class. Plain data, ready to store. */
export interface ClassThresholds {
  readonly alpha: number;
  /** In ascending order of class; only classes seen in calibration. */
  readonly classes: readonly ClassThreshold[];
  /** For small classes and for classes never seen in calibration; `null` = never reject. */
  readonly otherwise: number | null;
}

/**
 * One split-conformal threshold per predicted class (a Mondrian taxonomy): among ID inputs predicted as c, at most a
 * share α is rejected, averaged over calibration sets, for every c with a threshold of its own.
 *
 * Valid because the predicted class is a function of the input. For the merged small classes the bound holds for their union, exactly if the grouping
 * is fixed beforehand (pass group numbers as `predicted`), nearly so when it is chosen by counts as here. Any function of
 * the input may serve as class. Thresholds from few rows are noisy: see the Beta band of `conformalThreshold`.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_VALUE`, `INVALID_OPTION`
 * @see Vovk (2012), "Conditional validity of inductive conformal predictors", ACML
 */
export function classConditionalThresholds(
  calibration: PredictedScores,
  { alpha = 0.05, fallback = 'merged' }: ClassConditionalOptions = {},
): ClassThresholds {
  const where = 'classConditionalThresholds';
  requireOption(where, 'alpha', alpha, openUnit);
  requireOption(where, 'fallback', fallback, oneOf('merged', 'never'));
  requireScores(where, 'scores', calibration.scores);
  const groups = groupByClass(where, calibration);
  const isSmall = (scores: readonly number[]): boolean => conformalRank(scores.length, alpha) === 0;
  const small = fallback === 'merged' ? groups.flatMap(([, scores]) => (isSmall(scores) ? scores : [])) : [];
  const otherwise = isSmall(small) ? null : conformalThreshold(calibrate(small), { alpha }).threshold;
  const classes = groups.map(([predicted, scores]): ClassThreshold => {
    const count = scores.length;
    if (!isSmall(scores)) {
      return { predicted, count, threshold: conformalThreshold(scores, { alpha }).threshold, source: 'own' };
    }
    return { predicted, count, threshold: otherwise, source: otherwise === null ? 'none' : 'merged' };
  });
  return { alpha, classes, otherwise };
}

/**
 * Whether each sample is OOD under the threshold of its predicted class: 1 = OOD.
 *
 * @throws OodError `NON_FINITE`, `WRONG_SHAPE`, `INVALID_VALUE`
 */
export function exceedsClassThreshold(thresholds: ClassThresholds, samples: PredictedScores): Uint8Array {
  requirePredicted('exceedsClassThreshold', samples);
  const byClass = new Map(thresholds.classes.map(c => [c.predicted, c.threshold]));
  return Uint8Array.from(samples.scores, (score, i) => {
    const own = byClass.get(samples.predicted[i]!);
    const threshold = own === undefined ? thresholds.otherwise : own;
    return threshold !== null && score > threshold ? 1 : 0;
  });
}

function groupByClass(where: string, samples: PredictedScores): [number, number[]][] {
  requirePredicted(where, samples);
  const groups = new Map<number, number[]>();
  for (let i = 0; i < samples.scores.length; i++) {
    const group = groups.get(samples.predicted[i]!);
    if (group) group.push(samples.scores[i]!);
    else groups.set(samples.predicted[i]!, [samples.scores[i]!]);
  }
  return [...groups].sort((a, b) => a[0] - b[0]);
}

function requirePredicted(where: string, { scores, predicted }: PredictedScores): void {
  requireFinite(where, 'scores', scores);
  requireList(where, 'predicted', predicted);
  requireSameLength(where, ['scores', scores.length], ['predicted', predicted.length]);
  for (let i = 0; i < predicted.length; i++) {
    if (Number.isSafeInteger(predicted[i]) && predicted[i]! >= 0) continue;
    throw new MetricsError('INVALID_VALUE', {
      where,
      expected: 'predicted classes as non-negative integers',
      got: `${String(predicted[i])} at index ${i}`,
      advice: 'pass the index of the largest logit of each sample',
      details: { index: i, value: predicted[i] },
    });
  }
}
