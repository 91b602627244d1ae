import { invalidOption, type Random, requireOption, whole } from '@ood/core';
import {
  DetectionFold,
  type DetectionMetrics,
  detectionMetricNames,
} from '../detection/detection-metrics.ts';
import type { Scores } from '../input/scores.ts';
import { type BootstrapOptions, type BootstrapResult, resample } from './resample.ts';
import { tallyScores, visitCounts } from './tally.ts';

/**
 * Percentile intervals of all ranking metrics from one seeded stratified bootstrap: ID and OOD samples are redrawn with
 * replacement, each set keeping its size.
 *
 * A threshold that a metric chooses is chosen anew in every resample, so its uncertainty is included. Scores are sorted once; a resample
 * costs O(n + m). Where all resamples agree (separated scores) the interval has no width and says nothing: `evaluate` guards against that.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_OPTION`, `ABORTED`
 * @see Efron & Tibshirani (1993), ch. 13
 */
export function bootstrapMetrics(
  id: Scores,
  ood: Scores,
  options: BootstrapOptions = {},
): Record<keyof DetectionMetrics, BootstrapResult> {
  const where = 'bootstrapMetrics';
  const tally = tallyScores(where, id, ood);
  const counts = {
    id: new Uint32Array(tally.scores.length),
    ood: new Uint32Array(tally.scores.length),
  };
  return resample(where, detectionMetricNames, options, random => {
    drawCounts(random, tally.idGroup, counts.id);
    drawCounts(random, tally.oodGroup, counts.ood);
    const fold = new DetectionFold(id.length, ood.length);
    visitCounts(tally, counts, fold);
    return fold.metrics();
  });
}

/**
 * Percentile interval of any statistic of rows, by a seeded stratified bootstrap.
 *
 * @param strata size of each group of rows; every group is redrawn with replacement by itself and keeps its size
 * @param statistic gets one list of row indices per group (buffers that are reused: do not keep them)
 * @throws OodError `INVALID_OPTION` (also when the statistic returns a non-finite number), `ABORTED`
 */
export function bootstrap(
  strata: readonly number[],
  statistic: (rows: readonly Uint32Array[]) => number,
  options: BootstrapOptions = {},
): BootstrapResult {
  const where = 'bootstrap';
  for (const size of strata) requireOption(where, 'strata', size, whole);
  const rows = strata.map(size => new Uint32Array(size));
  const { value } = resample(where, ['value'], options, random => {
    for (const list of rows) {
      for (let i = 0; i < list.length; i++) list[i] = random.below(list.length);
    }
    const value = statistic(rows);
    if (Number.isFinite(value)) return { value };
    throw invalidOption(where, 'statistic', 'a function that returns finite numbers', value);
  });
  return value;
}

/** Redraws as many samples as there are and counts them by group. */
function drawCounts(random: Random, groups: Uint32Array, counts: Uint32Array): void {
  counts.fill(0);
  for (let i = 0; i < groups.length; i++) counts[groups[random.below(groups.length)]!]!++;
}
