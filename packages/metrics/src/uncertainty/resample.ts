import {
  createRandom,
  openUnit,
  type Progress,
  type Random,
  requireOption,
  type Seed,
  throwIfAborted,
  wholeFrom,
} from '@ood/core';
import type { Interval } from './interval.ts';
import { quantileOfSorted } from './quantile.ts';

export interface BootstrapOptions {
  /** Number of resamples, at least 20. Default 1000. */
  readonly replicates?: number;
  /** Seed of the resampling; the same seed gives the same interval. Default 1. */
  readonly seed?: Seed;
  /** Nominal coverage, 0 < confidence < 1. Default 0.95. */
  readonly confidence?: number;
  /** Stops between two resamples, e.g. from `onProgress`. */
  readonly signal?: AbortSignal;
  /** Called after each resample; the stage is the function's name. */
  readonly onProgress?: (progress: Progress) => void;
}

/** The interval of a resampled statistic and the resampled values. */
export interface BootstrapResult {
  readonly interval: Interval;
  /** Standard deviation of the resampled values. */
  readonly standardError: number;
  /** All resampled values in ascending order. */
  readonly replicates: Float64Array;
}

/** Resamples named statistics, all of them from each draw, and summarizes each. */
export function resample<Name extends string>(
  where: string,
  names: readonly Name[],
  options: BootstrapOptions,
  draw: (random: Random) => Readonly<Record<Name, number>>,
): Record<Name, BootstrapResult> {
  const { replicates = 1000, seed = 1, confidence = 0.95, signal, onProgress } = options;
  requireOption(where, 'replicates', replicates, wholeFrom(20));
  requireOption(where, 'confidence', confidence, openUnit);
  const random = createRandom(seed);
  const columns = names.map(name => ({ name, values: new Float64Array(replicates) }));
  for (let r = 0; r < replicates; r++) {
    throwIfAborted(where, signal);
    const drawn = draw(random);
    for (const { name, values } of columns) values[r] = drawn[name];
    onProgress?.({ stage: where, done: r + 1, total: replicates });
  }
  const entries = columns.map(({ name, values }) => [name, summarize(values, confidence)]);
  return Object.fromEntries(entries) as Record<Name, BootstrapResult>;
}

/** The percentile interval of resampled values; sorts them in place. */
function summarize(values: Float64Array, confidence: number): BootstrapResult {
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
