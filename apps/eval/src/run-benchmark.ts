import { evaluate, type Estimate as MetricsEstimate, wilson } from '@ood/metrics';
import type { Benchmark, Contestant, DetectorScores, FeatureSet, Group } from './benchmark.ts';
import {
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
 * Looks for rows that sets share, fits every contestant on the ID training rows, scores ID test and every OOD set, and judges
 * them side by side.
 *
 * @throws the errors of the detectors and of `evaluate`; an `AbortError` when the signal is aborted.
 */
export async function runBenchmark(
  benchmark: Benchmark,
  contestants: readonly Contestant[],
  { seed = 1, provenance = {}, signal, now, onSharedRows, onProgress = () => {} }: RunBenchmarkOptions,
): Promise<BenchmarkRun> {
  const sharedRows = findSharedRows(benchmark);
  onSharedRows?.(sharedRows);
  const detectors: DetectorResult[] = [];
  const scores: Record<string, DetectorScores> = {};
  for (const [index, contestant] of contestants.entries()) {
    const progress = (step: BenchmarkProgress['step'], part: number) =>
      onProgress({ detector: contestant.name, step, fraction: (index + part) / contestants.length });
    signal?.throwIfAborted();
    progress('fit', 0);
    const run = await runContestant(contestant, benchmark, { signal, now, progress });
    scores[contestant.name] = run.scores;
    detectors.push(judge(contestant, run, { ...benchmark, sharedRows }, seed));
    progress('done', 1);
  }
  return {
    results: { ...describe(benchmark), sharedRows, detectors, provenance: { ...provenance, seed } },
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
      return values;
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
}: Benchmark): Omit<Results, 'sharedRows' | 'detectors' | 'provenance'> {
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
  let right = 0;
  for (let row = 0; row < logits.rows; row++) {
    const values = logits.data.subarray(row * logits.cols, (row + 1) * logits.cols);
    if (values.indexOf(Math.max(...values)) === labels[row]) right++;
  }
  return estimate(wilson(right, logits.rows));
}

function estimate({ value, interval }: MetricsEstimate): Estimate {
  return { value, low: interval.low, high: interval.high };
}
