import { argmaxRows, isOodError } from '@ood/core';
import { wilson } from '@ood/metrics';
import type { Benchmark, Contestant, DetectorScores, FeatureSet } from './benchmark.ts';
import { checkBenchmark } from './check-benchmark.ts';
import { checkScores } from './check-scores.ts';
import { type ContestantRun, estimate, judge } from './judge.ts';
import {
  type DetectorFailure,
  type DetectorResult,
  type Estimate,
  RESULTS_SCHEMA_VERSION,
  type Results,
} from './results.ts';
import { findSharedRows, type SharedRows } from './shared-rows.ts';

export interface RunBenchmarkOptions {
  /** Seed of the bootstrap behind the intervals. Default 1. */
  readonly seed?: number;
  /** Facts to keep with the numbers: versions, hashes, the command. */
  readonly provenance?: Results['provenance'];
  readonly signal?: AbortSignal;
  /** Milliseconds of a monotonic clock: costs are measured with it. */
  readonly now: () => number;
  /** Called once before the first detector is fitted, with the rows that sets share (see `findSharedRows`). */
  readonly onSharedRows?: (shared: readonly SharedRows[]) => void;
  /** Called before a detector is fitted, before it scores a set, and when it is done. */
  readonly onProgress?: (event: BenchmarkProgress) => void;
}

export interface BenchmarkProgress {
  readonly stage: 'fit' | 'score' | 'done';
  readonly detector: string;
  /** Steps done: a detector takes one to be fitted, and one for ID test and for each OOD set. */
  readonly done: number;
  /** Steps of all detectors. */
  readonly total: number;
}

export interface BenchmarkRun {
  readonly results: Results;
  /** Scores by detector name. */
  readonly scores: Readonly<Record<string, DetectorScores>>;
}

/**
 * Checks all sets, looks for rows that they share, fits every contestant on the ID training rows, scores ID test and every OOD
 * set, and judges them side by side. A contestant that fails is named in `results.failures`; the others are judged all the same.
 *
 * @throws BenchmarkError before anything is fitted: `NO_DETECTORS`, `DUPLICATE_NAME`, `NOT_A_BENCHMARK`, `WRONG_SHAPE`,
 *   `NON_FINITE`; the first contestant's error where all fail, `WRONG_SCORES` for scores that are not one finite number a row;
 *   an `AbortError` when the signal is aborted.
 */
export async function runBenchmark(
  benchmark: Benchmark,
  contestants: readonly Contestant[],
  { seed = 1, provenance = {}, signal, now, onSharedRows, onProgress = () => {} }: RunBenchmarkOptions,
): Promise<BenchmarkRun> {
  checkBenchmark(benchmark, contestants);
  const sharedRows = findSharedRows(benchmark);
  onSharedRows?.(sharedRows);
  const detectors: DetectorResult[] = [];
  const failures: DetectorFailure[] = [];
  let firstError: unknown;
  const scores: Record<string, DetectorScores> = {};
  const steps = 2 + benchmark.ood.length;
  for (const [index, contestant] of contestants.entries()) {
    const total = steps * contestants.length;
    const progress = (stage: BenchmarkProgress['stage'], step: number) =>
      onProgress({ stage, detector: contestant.name, done: index * steps + step, total });
    signal?.throwIfAborted();
    progress('fit', 0);
    try {
      const run = await runContestant(contestant, benchmark, { signal, now, progress });
      detectors.push(judge(contestant, run, { ...benchmark, sharedRows }, seed));
      scores[contestant.name] = run.scores;
    } catch (error) {
      if (signal?.aborted) throw error;
      // What the other detectors may have taken hours for must not be lost.
      firstError ??= error;
      failures.push({
        detector: contestant.name,
        code: isOodError(error) ? error.code : null,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
    progress('done', steps);
  }
  if (detectors.length === 0) throw firstError;
  return {
    results: {
      ...describeBenchmark(benchmark),
      sharedRows,
      detectors,
      failures,
      provenance: { ...provenance, seed },
    },
    scores,
  };
}

async function runContestant(
  contestant: Contestant,
  { idTrain, idTest, ood }: Benchmark,
  {
    signal,
    now,
    progress,
  }: { signal?: AbortSignal; now: () => number; progress: (stage: 'score', step: number) => void },
): Promise<ContestantRun> {
  const start = now();
  const scorer = await contestant.fit(idTrain, { signal });
  const fitSeconds = (now() - start) / 1000;
  try {
    const costs: number[] = [];
    const score = async (set: FeatureSet, step: number): Promise<Float64Array> => {
      signal?.throwIfAborted();
      progress('score', step);
      const begin = now();
      const values = await scorer.score(set);
      costs.push(((now() - begin) * 1000) / set.features.rows);
      return checkScores(contestant.name, set, values);
    };
    const idScores = await score(idTest, 1);
    const oodScores: Record<string, Float64Array> = {};
    for (const [index, set] of ood.entries()) {
      oodScores[set.name] = await score(set, 2 + index);
    }
    costs.sort((a, b) => a - b);
    return {
      scores: { idTest: idScores, ood: oodScores },
      fitSeconds,
      scoreMicroseconds: costs[Math.floor(costs.length / 2)]!,
    };
  } finally {
    await scorer.close?.();
  }
}

/** What results say of a benchmark itself. */
export function describeBenchmark({
  name,
  idTrain,
  idTest,
}: Benchmark): Omit<Results, 'sharedRows' | 'detectors' | 'failures' | 'provenance'> {
  return {
    schemaVersion: RESULTS_SCHEMA_VERSION,
    kind: 'ood-results',
    benchmark: {
      name,
      featureDim: idTrain.features.cols,
      idTrainRows: idTrain.features.rows,
      idTestRows: idTest.features.rows,
      classes: idTest.logits?.cols ?? null,
    },
    idAccuracy: accuracyOf(idTest),
  };
}

/** Share of the labeled rows that the classifier gets right, with Wilson's interval; null without labels or logits. */
export function accuracyOf({ logits, labels }: FeatureSet): Estimate | null {
  if (logits === undefined || labels === undefined) return null;
  const predicted = argmaxRows(logits);
  const labeled = labels.filter(label => label >= 0).length;
  const right = labels.filter((label, row) => label === predicted[row]).length;
  return labeled === 0 ? null : estimate(wilson(right, labeled));
}
