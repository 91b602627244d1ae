import { evaluate, type Estimate as MetricsEstimate, wilson } from '@ood/metrics';
import type { Benchmark, Contestant, DetectorScores, FeatureSet, Group } from './benchmark.ts';
import { checkBenchmark } from './check-benchmark.ts';
import { checkScores } from './check-scores.ts';
import {
  type DetectorFailure,
  type DetectorResult,
  type Estimate,
  RESULTS_SCHEMA_VERSION,
  type Results,
  type SetResult,
} from './results.ts';
import { describeSharedRows, findSharedRows, type SharedRows } from './shared-rows.ts';

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
  readonly detector: string;
  readonly step: 'fit' | 'score' | 'done';
  /** Of all steps of all detectors, 0 to 1. */
  readonly fraction: number;
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
  for (const [index, contestant] of contestants.entries()) {
    const progress = (step: BenchmarkProgress['step'], part: number) =>
      onProgress({ detector: contestant.name, step, fraction: (index + part) / contestants.length });
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
        reason: error instanceof Error ? error.message : String(error),
      });
    }
    progress('done', 1);
  }
  if (detectors.length === 0) throw firstError;
  return {
    results: { ...describe(benchmark), sharedRows, detectors, failures, provenance: { ...provenance, seed } },
    scores,
  };
}

interface ContestantRun {
  readonly scores: DetectorScores;
  readonly fitSeconds: number;
  readonly scoreMicroseconds: number;
}

async function runContestant(
  contestant: Contestant,
  { idTrain, idTest, ood }: Benchmark,
  {
    signal,
    now,
    progress,
  }: { signal?: AbortSignal; now: () => number; progress: (step: 'score', part: number) => void },
): Promise<ContestantRun> {
  const start = now();
  const scorer = await contestant.fit(idTrain, { signal });
  const fitSeconds = (now() - start) / 1000;
  try {
    const costs: number[] = [];
    const score = async (set: FeatureSet, part: number): Promise<Float64Array> => {
      signal?.throwIfAborted();
      progress('score', part);
      const begin = now();
      const values = await scorer.score(set);
      costs.push(((now() - begin) * 1000) / set.features.rows);
      return checkScores(contestant.name, set, values);
    };
    const idScores = await score(idTest, 0.6);
    const oodScores: Record<string, Float64Array> = {};
    for (const [index, set] of ood.entries()) {
      oodScores[set.name] = await score(set, 0.65 + (0.3 * index) / ood.length);
    }
    costs.sort((a, b) => a - b);
    return {
      scores: { idTest: idScores, ood: oodScores },
      fitSeconds,
      scoreMicroseconds: costs[Math.floor(costs.length / 2)],
    };
  } finally {
    await scorer.close?.();
  }
}

function judge(
  { name, description }: Contestant,
  { scores, fitSeconds, scoreMicroseconds }: ContestantRun,
  { ood, sharedRows }: Benchmark & { readonly sharedRows: readonly SharedRows[] },
  seed: number,
): DetectorResult {
  let thresholdIdAccepted = Number.NaN;
  const sets = ood.map((set): SetResult => {
    const evaluation = evaluate(scores.idTest, scores.ood[set.name], { seed });
    thresholdIdAccepted = evaluation.thresholdIdAccepted;
    return {
      set: set.name,
      group: set.group,
      rows: set.features.rows,
      auroc: estimate(evaluation.auroc),
      fpr95IdAccepted: estimate(evaluation.fpr95IdAccepted),
      fpr95OodCaught: estimate(evaluation.fpr95OodCaught),
      averagePrecisionOod: estimate(evaluation.averagePrecisionOod),
      averagePrecisionId: estimate(evaluation.averagePrecisionId),
      warnings: [
        ...evaluation.warnings,
        ...sharedRows.filter(shared => shared.set === set.name).map(describeSharedRows),
      ],
    };
  });
  const mean = Object.fromEntries(
    (['near', 'far'] as const).flatMap(group => groupMean(group, sets) ?? []),
  ) as DetectorResult['mean'];
  return { detector: name, description, fitSeconds, scoreMicroseconds, thresholdIdAccepted, sets, mean };
}

function groupMean(
  group: Group,
  sets: readonly SetResult[],
): [Group, { auroc: number; fpr95IdAccepted: number }][] {
  const members = sets.filter(set => set.group === group);
  if (members.length === 0) return [];
  const average = (pick: (set: SetResult) => number): number =>
    members.reduce((sum, set) => sum + pick(set), 0) / members.length;
  return [
    [
      group,
      { auroc: average(set => set.auroc.value), fpr95IdAccepted: average(s => s.fpr95IdAccepted.value) },
    ],
  ];
}

function describe({
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
    idAccuracy: accuracy(idTest),
  };
}

function accuracy({ logits, labels }: FeatureSet): Estimate | null {
  if (logits === undefined || labels === undefined) return null;
  let [right, labelled] = [0, 0];
  for (let row = 0; row < logits.rows; row++) {
    if (labels[row] < 0) continue;
    labelled++;
    const values = logits.data.subarray(row * logits.cols, (row + 1) * logits.cols);
    if (values.indexOf(values.reduce((most, value) => Math.max(most, value))) === labels[row]) right++;
  }
  return labelled === 0 ? null : estimate(wilson(right, labelled));
}

function estimate({ value, interval }: MetricsEstimate): Estimate {
  return { value, low: interval.low, high: interval.high };
}
