import { argmaxRows } from '@ood/core';
import { averageRanks, delong, detectionMetrics, meanInterval, selectiveRisk } from '@ood/metrics';
import { type AgainstBest, againstBest } from '../against-best.ts';
import type { Benchmark, Group, OodFeatureSet } from '../benchmark.ts';
import type { Cell } from '../run/cells.ts';
import { loadBackbone } from '../run/prepare-backbone.ts';
import type { BackboneRun, TaskRun } from '../run/run-task.ts';
import { accuracyOf } from '../run-benchmark.ts';
import {
  type BackboneSummary,
  type DetectorSummary,
  type OverSeeds,
  type Ranking,
  type SetFigures,
  SUMMARY_SCHEMA_VERSION,
  type Summary,
} from './summary.ts';

/** The figures of a run. @param provenance facts to keep with them: the command, threads, jobs */
export async function summarize(
  { task, taskHash, backbones, missing, versions }: TaskRun,
  provenance: Summary['provenance'] = {},
): Promise<Summary> {
  const summaries: BackboneSummary[] = [];
  for (const run of backbones)
    summaries.push(summarizeBackbone(run, (await loadBackbone(run.backbone)).benchmark));
  return {
    schemaVersion: SUMMARY_SCHEMA_VERSION,
    kind: 'ood-task-results',
    task: { name: task.name, title: task.title ?? null, hash: taskHash },
    backbones: summaries,
    missing,
    ranking: rankingOf(summaries),
    provenance: { ...versions, ...provenance },
  };
}

/** The figures of one backbone's cells, from the sets that they were scored on. */
export function summarizeBackbone(
  { backbone, cells, failures, sharedRows }: BackboneRun,
  benchmark: Benchmark,
): BackboneSummary {
  const { idTrain, idTest, ood } = benchmark;
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) groups.set(cell.detector, [...(groups.get(cell.detector) ?? []), cell]);
  const best = Object.fromEntries(ood.map(({ name }) => [name, bestOf(name, groups)]));
  return {
    backbone: backbone.name,
    digest: backbone.digest,
    featureDim: idTrain.features.cols,
    classes: idTest.logits?.cols ?? null,
    idTrainRows: idTrain.features.rows,
    idTestRows: idTest.features.rows,
    idAccuracy: accuracyOf(idTest),
    sets: ood.map(({ name, group, features }) => ({ name, group, rows: features.rows })),
    detectors: [...groups.values()].map(group => summarizeDetector(group, benchmark, best)),
    failures,
    sharedRows,
    unusable: backbone.unusable,
  };
}

type AgainstBestOf = ReadonlyMap<string, AgainstBest>;

function summarizeDetector(
  cells: readonly Cell[],
  { idTest, ood }: Benchmark,
  best: Readonly<Record<string, AgainstBestOf>>,
): DetectorSummary {
  const [first] = cells as [Cell];
  const figures = new Map(
    ood.map(({ name }) => [
      name,
      cells.map(({ scores }) => detectionMetrics(scores.idTest, scores.ood[name]!)),
    ]),
  );
  const sets = ood.map(({ name }): [string, SetFigures] => {
    const ofSet = figures.get(name)!;
    const over = (pick: (metrics: (typeof ofSet)[number]) => number) => overSeeds(ofSet.map(pick));
    const { auroc, interval } = delong(first.scores.idTest, first.scores.ood[name]!);
    return [
      name,
      {
        auroc: over(metrics => metrics.auroc),
        overSamples: { value: auroc, low: interval.low, high: interval.high },
        fpr95IdAccepted: over(metrics => metrics.fpr95IdAccepted),
        fpr95OodCaught: over(metrics => metrics.fpr95OodCaught),
        averagePrecisionOod: over(metrics => metrics.averagePrecisionOod),
        averagePrecisionId: over(metrics => metrics.averagePrecisionId),
        ...best[name]!.get(first.detector)!,
      },
    ];
  });
  const meanOf = (group: Group): [Group, NonNullable<DetectorSummary['mean'][Group]>][] => {
    const members = ood.filter(set => set.group === group);
    if (members.length === 0) return [];
    const average = (metric: 'auroc' | 'fpr95IdAccepted') =>
      overSeeds(
        cells.map(
          (_, seed) =>
            members.reduce((sum, { name }) => sum + figures.get(name)![seed]![metric], 0) / members.length,
        ),
      );
    return [[group, { auroc: average('auroc'), fpr95IdAccepted: average('fpr95IdAccepted') }]];
  };
  return {
    detector: first.detector,
    method: first.method,
    options: first.options,
    seeds: cells.map(({ seed }) => seed),
    cost: costOf(cells),
    sets: Object.fromEntries(sets),
    mean: Object.fromEntries([...meanOf('near'), ...meanOf('far')]),
    aurc: aurcOf(cells, idTest),
  };
}

function costOf(cells: readonly Cell[]): DetectorSummary['cost'] {
  const costs = cells.flatMap(({ cost }) => cost ?? []);
  if (costs.length === 0) return null;
  return {
    fitSeconds: median(costs.map(cost => cost.fitSeconds)),
    scoreMicroseconds: median(costs.map(cost => cost.scoreMicroseconds)),
    megabytes: median(costs.map(({ bytes }) => bytes / 1e6)),
  };
}

function aurcOf(cells: readonly Cell[], { logits, labels }: Benchmark['idTest']): OverSeeds | null {
  if (logits === undefined || labels === undefined || labels.some(label => label < 0)) return null;
  const correct = Array.from(argmaxRows(logits), (label, row) => label === labels[row]);
  return overSeeds(cells.map(({ scores }) => selectiveRisk(scores.idTest, correct).aurc));
}

/** Every detector against the one of the largest mean AUROC on a set: paired tests on the scores of the first seeds. */
function bestOf(set: OodFeatureSet['name'], groups: ReadonlyMap<string, readonly Cell[]>): AgainstBestOf {
  return againstBest(
    [...groups].map(([detector, cells]) => {
      const { idTest, ood } = cells[0]!.scores;
      const aurocs = cells.map(({ scores }) => delong(scores.idTest, scores.ood[set]!).auroc);
      const rankedBy = aurocs.reduce((sum, value) => sum + value, 0) / aurocs.length;
      return { detector, rankedBy, pair: { id: idTest, ood: ood[set]! } };
    }),
  );
}

function rankingOf(backbones: readonly BackboneSummary[]): Ranking | null {
  const all = backbones.map(({ detectors }) => detectors.map(({ detector }) => detector));
  const common = (all[0] ?? []).filter(name => all.every(names => names.includes(name)));
  const values = backbones.flatMap(({ sets, detectors }) =>
    sets.map(({ name }) =>
      common.map(label => detectors.find(one => one.detector === label)!.sets[name]!.auroc.mean),
    ),
  );
  if (common.length < 2 || values.length === 0) return null;
  const { ranks, criticalDifference } = averageRanks(values);
  const detectors = common
    .map((detector, i) => ({ detector, rank: ranks[i]! }))
    .sort((a, b) => a.rank - b.rank);
  return { detectors, criticalDifference, sets: values.length };
}

function overSeeds(values: readonly number[]): OverSeeds {
  const { value, interval } = meanInterval(Float64Array.from(values));
  return { mean: value, plusMinus: interval && (interval.high - interval.low) / 2 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
