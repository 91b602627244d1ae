import {
  DetectionFold,
  type DetectionMetrics,
  detectionMetricNames,
} from '../detection/detection-metrics.ts';
import { invalidOption, requireInteger, requireOpenUnit, throwIfAborted } from '../input/options.ts';
import type { Scores } from '../input/scores.ts';
import { createRandom, type Random } from '../random/random.ts';
import type { Interval } from './interval.ts';
import { quantileOfSorted } from './quantile.ts';
import { tallyScores, visitCounts } from './tally.ts';

export interface BootstrapOptions {
  /** Number of resamples, at least 20. Default 1000. */
  readonly replicates?: number;
  /** Seed of the resampling; the same seed gives the same interval. Default 1. */
  readonly seed?: number;
  /** Nominal coverage, 0 < confidence < 1. Default 0.95. */
  readonly confidence?: number;
  /** Stops between two resamples, e.g. from `onProgress`. */
  readonly signal?: AbortSignal;
  /** Called after each resample with how many are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The interval of a resampled statistic and the resampled values. */
export interface BootstrapResult {
  readonly interval: Interval;
  /** Standard deviation of the resampled values. */
  readonly standardError: number;
  /** All resampled values in ascending order. */
  readonly replicates: Float64Array;
}

/**
 * Percentile intervals of all ranking metrics from one seeded stratified bootstrap: ID and OOD samples are redrawn with
 * replacement, each set keeping its size.
 *
 * A threshold that a metric chooses is chosen anew in every resample, so its uncertainty is included. Scores are sorted once; a resample
 * costs O(n + m). Where all resamples agree (separated scores) the interval has no width and says nothing: `evaluate` guards against that.
 *
 * @throws MetricsError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_OPTION`, `ABORTED`
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
  const columns = replicate(where, detectionMetricNames.length, options, (random, values) => {
    drawCounts(random, tally.idGroup, counts.id);
    drawCounts(random, tally.oodGroup, counts.ood);
    const fold = new DetectionFold(id.length, ood.length);
    visitCounts(tally, counts, fold);
    const metrics = fold.metrics();
    detectionMetricNames.forEach((name, column) => {
      values[column] = metrics[name];
    });
  });
  const confidence = options.confidence ?? 0.95;
  const entries = detectionMetricNames.map((name, i) => [name, summarise(columns[i]!, confidence)] as const);
  return Object.fromEntries(entries) as Record<keyof DetectionMetrics, BootstrapResult>;
}

/**
 * Percentile interval of any statistic of rows, by a seeded stratified bootstrap.
 *
 * @param strata size of each group of rows; every group is redrawn with replacement by itself and keeps its size
 * @param statistic gets one list of row indices per group (buffers that are reused: do not keep them)
 * @throws MetricsError `INVALID_OPTION` (also when the statistic returns a non-finite number), `ABORTED`
 */
export function bootstrap(
  strata: readonly number[],
  statistic: (rows: readonly Uint32Array[]) => number,
  options: BootstrapOptions = {},
): BootstrapResult {
  const where = 'bootstrap';
  for (const size of strata) requireInteger(where, 'strata', size, 1);
  const rows = strata.map(size => new Uint32Array(size));
  const [column] = replicate(where, 1, options, (random, values) => {
    for (const list of rows) {
      for (let i = 0; i < list.length; i++) list[i] = random.below(list.length);
    }
    values[0] = statistic(rows);
    if (!Number.isFinite(values[0])) {
      throw invalidOption(where, 'statistic', 'a function that returns finite numbers', values[0]);
    }
  });
  return summarise(column!, options.confidence ?? 0.95);
}

/** Runs the resamples; `draw` writes one value per column. */
export function replicate(
  where: string,
  columns: number,
  options: BootstrapOptions,
  draw: (random: Random, values: Float64Array) => void,
): Float64Array[] {
  const { replicates = 1000, seed = 1, confidence = 0.95, signal, onProgress } = options;
  requireInteger(where, 'replicates', replicates, 20);
  requireInteger(where, 'seed', seed, Number.MIN_SAFE_INTEGER);
  requireOpenUnit(where, 'confidence', confidence);
  const random = createRandom(seed);
  const values = new Float64Array(columns);
  const results = Array.from({ length: columns }, () => new Float64Array(replicates));
  for (let r = 0; r < replicates; r++) {
    throwIfAborted(where, signal);
    draw(random, values);
    for (let c = 0; c < columns; c++) results[c]![r] = values[c]!;
    onProgress?.(r + 1, replicates);
  }
  return results;
}

/** Redraws as many samples as there are and counts them by group. */
function drawCounts(random: Random, groups: Uint32Array, counts: Uint32Array): void {
  counts.fill(0);
  for (let i = 0; i < groups.length; i++) counts[groups[random.below(groups.length)]!]!++;
}

/** The percentile interval of resampled values; sorts them in place. */
export function summarise(values: Float64Array, confidence: number): BootstrapResult {
  const replicates = values.sort();
  const mean = replicates.reduce((sum, v) => sum + v, 0) / replicates.length;
  const squares = replicates.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return {
    interval: {
      low: quantileOfSorted(replicates, (1 - confidence) / 2),
      high: quantileOfSorted(replicates, (1 + confidence) / 2),
      confidence,
      method: 'bootstrap-percentile',
    },
    standardError: Math.sqrt(squares / (replicates.length - 1)),
    replicates,
  };
}
