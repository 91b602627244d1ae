import { invalidOption } from '@ood/core';
import {
  type DetectionMetrics,
  detectionMetricNames,
  detectionMetrics,
} from './detection/detection-metrics.ts';
import type { ScorePair } from './detection/split-by-label.ts';
import { adjustPValues } from './uncertainty/adjust-p-values.ts';
import { bootstrapDifferences } from './uncertainty/bootstrap-difference.ts';
import { type DelongTest, delongTestOf } from './uncertainty/delong-test.ts';
import type { Interval } from './uncertainty/interval.ts';
import type { BootstrapOptions } from './uncertainty/resample.ts';

/** One metric of two detectors on the same samples. */
export interface MetricDifference {
  readonly a: number;
  readonly b: number;
  /** a − b. */
  readonly difference: number;
  /** `null` where the test has neither variance nor a difference to go by. */
  readonly interval: Interval | null;
  /** Two-sided p-value of no difference, not adjusted for the number of metrics. */
  readonly p: number | null;
}

export interface Comparison extends Readonly<Record<keyof DetectionMetrics, MetricDifference>> {
  /** The paired DeLong test in full; `auroc` repeats its difference, interval and p. */
  readonly delong: DelongTest;
  /** Which AUROC is larger with p ≤ 1 − confidence; `null` when the samples cannot tell. */
  readonly better: 'a' | 'b' | null;
}

/**
 * Paired tests between two detectors scored on the same samples in the same order: DeLong for the AUROC, a paired
 * stratified bootstrap for the other ranking metrics.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `TOO_FEW`, `INVALID_OPTION`, `ABORTED`
 */
export function compare(a: ScorePair, b: ScorePair, options: BootstrapOptions = {}): Comparison {
  const confidence = options.confidence ?? 0.95;
  const delong = delongTestOf('compare', ['a', a], ['b', b], confidence);
  const first = detectionMetrics(a.id, a.ood);
  const second = detectionMetrics(b.id, b.ood);
  const resampled = bootstrapDifferences(a, b, options);
  const entries = detectionMetricNames.map(name => {
    const { interval, p } = name === 'auroc' ? delong : resampled[name];
    return [name, { a: first[name], b: second[name], difference: first[name] - second[name], interval, p }];
  });
  const metrics: Record<keyof DetectionMetrics, MetricDifference> = Object.fromEntries(entries);
  const certain = delong.p !== null && delong.p <= 1 - confidence;
  return { ...metrics, delong, better: !certain ? null : delong.difference > 0 ? 'a' : 'b' };
}

/** One row of `compareAll`. */
export interface PairwiseTest {
  readonly a: string;
  readonly b: string;
  readonly test: DelongTest;
  /** Holm-adjusted over all pairs; `null` where the test has no p-value. */
  readonly adjustedP: number | null;
}

/**
 * Paired DeLong tests between all pairs of named detectors, with Holm's correction for their number.
 *
 * Pairs without a p-value (no variance and no difference) are not counted in the correction.
 *
 * @throws OodError as `delongTest`; `INVALID_OPTION` for fewer than two detectors
 */
export function compareAll(
  detectors: Readonly<Record<string, ScorePair>>,
  { confidence = 0.95 }: { readonly confidence?: number } = {},
): PairwiseTest[] {
  const names = Object.keys(detectors);
  if (names.length < 2) throw invalidOption('compareAll', 'detectors', 'at least two', names.length);
  const tests = names.flatMap((a, i) =>
    names.slice(i + 1).map(b => ({
      a,
      b,
      test: delongTestOf('compareAll', [a, detectors[a]!], [b, detectors[b]!], confidence),
    })),
  );
  const tested = tests.filter(({ test }) => test.p !== null);
  const pValues = tested.map(({ test }) => test.p!);
  const adjusted = pValues.length > 0 ? adjustPValues(pValues, { method: 'holm' }) : pValues;
  return tests.map(row => {
    const index = tested.indexOf(row);
    return { ...row, adjustedP: index < 0 ? null : adjusted[index]! };
  });
}
