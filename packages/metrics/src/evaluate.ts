import { openUnit, requireOption, type Seed } from '@ood/core';
import { DetectionFold, type DetectionMetrics, detectionMetricNames } from './detection/detection-metrics.ts';
import { sortPair, visitTies } from './detection/sorted-pair.ts';
import type { Scores } from './input/scores.ts';
import { bootstrapMetrics } from './uncertainty/bootstrap.ts';
import { delongOfSorted } from './uncertainty/delong.ts';
import type { Estimate, Interval } from './uncertainty/interval.ts';
import type { BootstrapOptions } from './uncertainty/resample.ts';
import { wilson } from './uncertainty/wilson.ts';

export type EvaluateOptions = BootstrapOptions;

/** Everything about one detector on one pair of sets. All values are shares in [0, 1]. */
export interface Evaluation extends Readonly<Record<keyof DetectionMetrics, Estimate>> {
  readonly idCount: number;
  readonly oodCount: number;
  /** Share of OOD samples: what `averagePrecisionOod` of a random score would be. */
  readonly oodShare: number;
  /** True when the AUROC is below 0.5: the score ranks backwards. The value is reported as it is, never flipped. */
  readonly belowChance: boolean;
  /** Largest score accepted as ID at `fpr95IdAccepted`; measured on these samples, not a calibrated decision threshold. */
  readonly thresholdIdAccepted: number;
  /** Smallest score flagged as OOD at `fpr95OodCaught`. */
  readonly thresholdOodCaught: number;
  readonly confidence: number;
  readonly replicates: number;
  readonly seed: Seed;
  /** Sentences for the reader about what to be careful with; empty when there is nothing. */
  readonly warnings: readonly string[];
}

/**
 * All ranking metrics of a detector with intervals: the one call for a table row.
 *
 * AUROC: DeLong on the logit scale (see `delong`). The others: seeded stratified bootstrap percentiles; for both false positive rates never
 * narrower than Wilson's interval at the chosen threshold, so that 0 of 200 is not shown as certain. Assumes independent samples.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE` (with count and first index), `INVALID_OPTION`, `ABORTED`
 */
export function evaluate(id: Scores, ood: Scores, options: EvaluateOptions = {}): Evaluation {
  const { confidence = 0.95, replicates = 1000, seed = 1 } = options;
  requireOption('evaluate', 'confidence', confidence, openUnit);
  const pair = sortPair('evaluate', id, ood);
  const fold = new DetectionFold(id.length, ood.length);
  visitTies(pair, fold);
  const values = fold.metrics();
  const resampled = bootstrapMetrics(id, ood, options);
  const delong = delongOfSorted(pair, confidence);
  const intervals: Record<keyof DetectionMetrics, Interval> = {
    auroc: delong.interval,
    averagePrecisionOod: resampled.averagePrecisionOod.interval,
    averagePrecisionId: resampled.averagePrecisionId.interval,
    fpr95IdAccepted: withWilson(resampled.fpr95IdAccepted.interval, values.fpr95IdAccepted, ood.length),
    fpr95OodCaught: withWilson(resampled.fpr95OodCaught.interval, values.fpr95OodCaught, id.length),
    detectionError: resampled.detectionError.interval,
  };
  const estimates = Object.fromEntries(
    detectionMetricNames.map(name => [name, { value: values[name], interval: intervals[name] }]),
  ) as Record<keyof DetectionMetrics, Estimate>;
  return {
    ...estimates,
    idCount: id.length,
    oodCount: ood.length,
    oodShare: ood.length / (id.length + ood.length),
    belowChance: values.auroc < 0.5,
    thresholdIdAccepted: fold.fpr.idAccepted().threshold,
    thresholdOodCaught: fold.fpr.oodCaught().threshold,
    confidence,
    replicates,
    seed,
    warnings: warningsFor(values, id.length, ood.length, delong.variance),
  };
}

/** The wider of both on each side. */
function withWilson(interval: Interval, rate: number, trials: number): Interval {
  const exact = wilson(Math.round(rate * trials), trials, { confidence: interval.confidence }).interval;
  return {
    low: Math.min(interval.low, exact.low),
    high: Math.max(interval.high, exact.high),
    confidence: interval.confidence,
    method: 'bootstrap-percentile, at least wilson',
  };
}

function warningsFor(
  values: DetectionMetrics,
  idCount: number,
  oodCount: number,
  variance: number | null,
): string[] {
  const warnings: string[] = [];
  if (values.auroc < 0.5) {
    warnings.push(
      `AUROC ${values.auroc.toFixed(4)} is below 0.5: the score ranks OOD below ID. Higher must mean more OOD; check the sign of the score, and that the ID scores come first.`,
    );
  }
  if (variance === 0) {
    warnings.push(
      'The scores are perfectly separated or all equal: resampling finds no variation, so intervals of zero width are no evidence.',
    );
  }
  if (Math.min(idCount, oodCount) < 30) {
    warnings.push(
      `Only ${idCount} ID and ${oodCount} OOD samples: with fewer than 30 on a side intervals are approximate.`,
    );
  }
  return warnings;
}
