import { openUnit, requireOption } from '@ood/core';
import { requireScores, type Scores } from '../input/scores.ts';
import { studentTwoSidedQuantile } from '../special/beta.ts';
import type { Interval } from './interval.ts';
import type { ConfidenceOptions } from './wilson.ts';

/** A mean over repetitions, e.g. seeds. */
export interface MeanEstimate {
  readonly value: number;
  readonly count: number;
  /** Divisor n − 1; `null` for one repetition. */
  readonly standardDeviation: number | null;
  /** `null` for one repetition: nothing is known about the variation then. */
  readonly interval: Interval | null;
}

/**
 * The mean over seeds with Student's interval: mean ± t(n − 1) · s / √n.
 *
 * Covers the variation between seeds only, not that of the test samples (see `evaluate`). Assumes independent, roughly normal repetitions;
 * the ends may leave the range of the metric.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_OPTION`
 * @see Student (1908), Biometrika 6
 */
export function meanInterval(values: Scores, { confidence = 0.95 }: ConfidenceOptions = {}): MeanEstimate {
  requireOption('meanInterval', 'confidence', confidence, openUnit);
  requireScores('meanInterval', 'values', values);
  const count = values.length;
  let value = 0;
  for (let i = 0; i < count; i++) value += values[i]! / count;
  if (count === 1) return { value, count, standardDeviation: null, interval: null };
  let scale = Math.abs(value);
  for (let i = 0; i < count; i++) scale = Math.max(scale, Math.abs(values[i]!));
  // Divided before squaring, so that squares of huge or tiny values stay numbers.
  let squares = 0;
  if (scale > 0) for (let i = 0; i < count; i++) squares += (values[i]! / scale - value / scale) ** 2;
  const standardDeviation = scale * Math.sqrt(squares / (count - 1));
  const half = (studentTwoSidedQuantile(1 - confidence, count - 1) * standardDeviation) / Math.sqrt(count);
  return {
    value,
    count,
    standardDeviation,
    interval: { low: value - half, high: value + half, confidence, method: 'student' },
  };
}
