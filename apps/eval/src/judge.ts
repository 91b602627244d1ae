import { evaluate, type Estimate as MetricsEstimate } from '@ood/metrics';
import type { Benchmark, Contestant, DetectorScores, Group } from './benchmark.ts';
import type { DetectorResult, Estimate, SetResult } from './results.ts';
import { describeSharedRows, type SharedRows } from './shared-rows.ts';

/** What a detector gave, and what it cost. */
export interface ContestantRun {
  readonly scores: DetectorScores;
  /** `null` for scores that came from elsewhere. */
  readonly fitSeconds: number | null;
  readonly scoreMicroseconds: number | null;
}

/** The scores of one detector as numbers: AUROC, FPR95 and average precisions on every OOD set, and their means. */
export function judge(
  { name, description }: Pick<Contestant, 'name' | 'description'>,
  { scores, fitSeconds, scoreMicroseconds }: ContestantRun,
  { ood, sharedRows }: Benchmark & { readonly sharedRows: readonly SharedRows[] },
  seed: number,
): DetectorResult {
  let thresholdIdAccepted = Number.NaN;
  const sets = ood.map((set): SetResult => {
    const evaluation = evaluate(scores.idTest, scores.ood[set.name]!, { seed });
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

/** An estimate of `@ood/metrics` as results hold it. */
export function estimate({ value, interval }: MetricsEstimate): Estimate {
  return { value, low: interval.low, high: interval.high };
}
