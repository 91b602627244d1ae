import { type Matrix, requireOption, whole } from '@ood/core';
import type { Estimate } from '../uncertainty/interval.ts';
import { type BootstrapOptions, resample } from '../uncertainty/resample.ts';
import { wilson } from '../uncertainty/wilson.ts';
import { calibrationError, type ReliabilityBin, reliabilityBins } from './calibration-error.ts';
import { type ClassifierOptions, rowOutcomes } from './row-outcomes.ts';

export interface EvaluateClassifierOptions extends ClassifierOptions, BootstrapOptions {
  /** Bins of equal width for the calibration error. Default 15. */
  readonly bins?: number;
}

/** How good and how well calibrated the classifier itself is on ID samples. */
export interface ClassifierEvaluation {
  readonly count: number;
  /** Share of rows whose largest output is the right one; Wilson interval. */
  readonly accuracy: Estimate;
  /** ECE: Σ over bins of (share of rows) · |mean confidence − accuracy|, in [0, 1]. Biased upwards for few rows. */
  readonly expectedCalibrationError: Estimate;
  /** Brier score: mean of Σ over classes (p − 1[right])², in [0, 2]. */
  readonly brierScore: Estimate;
  /** Mean −log probability of the right class, nats. */
  readonly negativeLogLikelihood: Estimate;
  readonly reliability: readonly ReliabilityBin[];
}

const MEASURES = ['expectedCalibrationError', 'brierScore', 'negativeLogLikelihood'] as const;

/**
 * ID accuracy, expected calibration error, Brier score and negative log-likelihood of a classifier, with intervals.
 *
 * Accuracy: Wilson. Brier score and likelihood: seeded bootstrap percentiles over rows. Calibration error: the basic bootstrap, which mirrors those
 * percentiles at the estimate and so takes off the upward bias that resampling adds (not the one that binning few rows has: a perfectly calibrated
 * classifier keeps a positive error). Logits go through a float64 softmax. With `outputs: 'probabilities'` a probability of 0 for the right class
 * counts as 2⁻¹⁴⁹.
 *
 * @param matrix logits or probabilities `[samples, classes]`
 * @param labels right column for each row
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_VALUE`, `INVALID_OPTION`, `ABORTED`
 * @see Guo et al. (2017), ICML (ECE); Brier (1950), Monthly Weather Review 78
 */
export function evaluateClassifier(
  matrix: Matrix,
  labels: ArrayLike<number>,
  options: EvaluateClassifierOptions = {},
): ClassifierEvaluation {
  const where = 'evaluateClassifier';
  const { bins = 15, confidence = 0.95 } = options;
  requireOption(where, 'bins', bins, whole);
  const outcomes = rowOutcomes(where, matrix, labels, options);
  const count = matrix.rows;
  const measure = (rows: Uint32Array) => ({
    expectedCalibrationError: calibrationError(outcomes.confidence, outcomes.correct, rows, bins),
    brierScore: meanOver(outcomes.brier, rows),
    negativeLogLikelihood: meanOver(outcomes.negativeLogLikelihood, rows),
  });
  const rows = Uint32Array.from({ length: count }, (_, i) => i);
  const values = measure(rows);
  const resampled = resample(where, MEASURES, options, random => {
    for (let i = 0; i < count; i++) rows[i] = random.below(count);
    return measure(rows);
  });
  const estimate = (name: (typeof MEASURES)[number]): Estimate => ({
    value: values[name],
    interval: resampled[name].interval,
  });
  return {
    count,
    accuracy: wilson(
      outcomes.correct.reduce((sum, c) => sum + c, 0),
      count,
      { confidence },
    ),
    expectedCalibrationError: mirrored(estimate('expectedCalibrationError')),
    brierScore: estimate('brierScore'),
    negativeLogLikelihood: estimate('negativeLogLikelihood'),
    reliability: reliabilityBins(outcomes.confidence, outcomes.correct, bins),
  };
}

/** The basic bootstrap interval of an error that is never negative: 2 · estimate − percentiles (Davison & Hinkley 1997, ch. 5). */
function mirrored({ value, interval }: Estimate): Estimate {
  const low = Math.max(0, 2 * value - interval.high);
  const high = Math.max(value, 2 * value - interval.low);
  return { value, interval: { ...interval, low, high, method: 'bootstrap-basic' } };
}

function meanOver(values: Float64Array, rows: Uint32Array): number {
  let sum = 0;
  for (const row of rows) sum += values[row]!;
  return sum / rows.length;
}
