import type { Random } from '@ood/core';
import {
  DetectionFold,
  type DetectionMetrics,
  detectionMetricNames,
} from '../detection/detection-metrics.ts';
import type { ScorePair } from '../detection/split-by-label.ts';
import { requirePaired } from './delong-test.ts';
import { type BootstrapOptions, type BootstrapResult, resample } from './resample.ts';
import { type Tally, tallyScores, visitCounts } from './tally.ts';

/** The resampled difference of one metric. */
export interface BootstrapDifference extends BootstrapResult {
  /** Two-sided: twice the smaller share of resampled differences on one side of 0, counting one more; at least 2 / (replicates + 1). */
  readonly p: number;
}

/**
 * Percentile intervals and p-values for the difference `a` − `b` of every ranking metric: a paired stratified bootstrap in which both detectors
 * see the same redrawn samples.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_OPTION`, `ABORTED`
 * @see Efron & Tibshirani (1993), ch. 13 and 15
 */
export function bootstrapDifferences(
  a: ScorePair,
  b: ScorePair,
  options: BootstrapOptions = {},
): Record<keyof DetectionMetrics, BootstrapDifference> {
  const where = 'bootstrapDifferences';
  requirePaired(where, a, b);
  const tallies = [a, b].map(pair => tallyScores(where, pair.id, pair.ood));
  const counts = tallies.map(({ scores }) => ({
    id: new Uint32Array(scores.length),
    ood: new Uint32Array(scores.length),
  }));
  const results = resample(where, detectionMetricNames, options, random => {
    drawShared(random, tallies, counts, 'id');
    drawShared(random, tallies, counts, 'ood');
    const [first, second] = tallies.map((tally, detector) => {
      const fold = new DetectionFold(a.id.length, a.ood.length);
      visitCounts(tally, counts[detector]!, fold);
      return fold.metrics();
    });
    return byMetric(name => first![name] - second![name]);
  });
  return byMetric(name => ({ ...results[name], p: signProbability(results[name].replicates) }));
}

function byMetric<T>(value: (name: keyof DetectionMetrics) => T): Record<keyof DetectionMetrics, T> {
  return Object.fromEntries(detectionMetricNames.map(name => [name, value(name)])) as never;
}

type Counts = { readonly id: Uint32Array; readonly ood: Uint32Array };

/** Redraws the rows of one set once and counts them for both detectors. */
function drawShared(random: Random, tallies: Tally[], counts: Counts[], set: 'id' | 'ood'): void {
  const [first, second] = tallies.map(tally => (set === 'id' ? tally.idGroup : tally.oodGroup));
  const [firstCounts, secondCounts] = counts.map(c => c[set]);
  firstCounts!.fill(0);
  secondCounts!.fill(0);
  for (let i = 0; i < first!.length; i++) {
    const row = random.below(first!.length);
    firstCounts![first![row]!]!++;
    secondCounts![second![row]!]!++;
  }
}

function signProbability(differences: Float64Array): number {
  let atMost = 1;
  let atLeast = 1;
  for (const difference of differences) {
    if (difference <= 0) atMost++;
    if (difference >= 0) atLeast++;
  }
  return Math.min(1, (2 * Math.min(atMost, atLeast)) / (differences.length + 1));
}
