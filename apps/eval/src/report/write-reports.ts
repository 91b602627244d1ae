import { throwIfAborted } from '@ood/core';
import { describeMethod } from '@ood/detectors';
import type { DetectorScores } from '../benchmark.ts';
import { BenchmarkError } from '../errors.ts';
import { judge } from '../judge.ts';
import type { DetectorResult, Results } from '../results.ts';
import { type Cell, readCell } from '../run/cells.ts';
import { loadBackbone } from '../run/prepare-backbone.ts';
import { readRunFile } from '../run/run-file.ts';
import { describeBenchmark } from '../run-benchmark.ts';
import { findSharedRows } from '../shared-rows.ts';
import { readSummary } from '../summary/read-summary.ts';
import type { Summary } from '../summary/summary.ts';
import { writeRun } from '../write-run.ts';
import { renderReport } from './render-report.ts';
import type { ReportInput } from './report-input.ts';

export interface WriteReportsOptions {
  /** Default: all of the run. */
  readonly backbones?: readonly string[];
  /** Detectors, by their labels. Default: all of the run. */
  readonly detectors?: readonly string[];
  /** Heading of the pages, before the name of the backbone. Default: the title of the task. */
  readonly title?: string;
  /** Text below the heading. Default: the notes of the task. */
  readonly notes?: string;
  /** See `ReportInput`. */
  readonly map?: ReportInput['map'];
  readonly signal?: AbortSignal;
}

/**
 * Writes `report-<backbone>.html` into a run's folder: the scores of the first seed of every detector.
 *
 * @returns the paths
 * @throws BenchmarkError `FOREIGN_FILE` for a folder of no run, `EMPTY_INPUT` where nothing is left to show
 */
export async function writeReports(folder: string, options: WriteReportsOptions = {}): Promise<string[]> {
  const { backbones, detectors: wanted, map, signal } = options;
  const run = await readRunFile(folder);
  const summary = await readSummary(folder).catch(() => undefined);
  const title = options.title ?? run.task.title ?? run.task.name;
  const notes = options.notes ?? run.task.notes;
  const paths: string[] = [];
  for (const backbone of run.backbones.filter(({ name }) => backbones?.includes(name) ?? true)) {
    throwIfAborted('ood-eval report', signal);
    const { benchmark } = await loadBackbone(backbone);
    const sharedRows = findSharedRows(benchmark);
    const detectors: DetectorResult[] = [];
    const scores: Record<string, DetectorScores> = {};
    const megabytes: Record<string, number> = {};
    for (const { key, ...name } of run.cells) {
      if (name.backbone !== backbone.name || name.seed !== 1) continue;
      if (wanted && !wanted.includes(name.detector)) continue;
      const cell = await readCell(folder, name, key);
      if (cell === undefined) continue;
      scores[name.detector] = cell.scores;
      const { fitSeconds = null, scoreMicroseconds = null, bytes } = cell.cost ?? {};
      if (bytes !== undefined) megabytes[name.detector] = bytes / 1e6;
      const contestant = { name: name.detector, description: descriptionOf(cell) };
      const judged = { scores: cell.scores, fitSeconds, scoreMicroseconds };
      detectors.push(judge(contestant, judged, { ...benchmark, sharedRows }, 1));
    }
    if (detectors.length === 0)
      throw new BenchmarkError('EMPTY_INPUT', {
        where: `ood-eval report, backbone ${backbone.name}`,
        expected: 'scores of at least one detector',
        got: 'none',
        advice: 'run the task again, or name other detectors',
      });
    const failed = summary?.backbones.find(one => one.backbone === backbone.name)?.failures ?? [];
    const failures = failed.filter(
      ({ detector, seed }) => seed === 1 && (wanted?.includes(detector) ?? true),
    );
    const provenance = {
      task: run.task.name,
      ...(summary && { 'task hash': summary.task.hash }),
      features: backbone.digest,
      seed: 1,
      ...withoutNulls(summary?.provenance ?? {}),
    };
    const results = { ...describeBenchmark(benchmark), sharedRows, detectors, failures, provenance };
    const page = await renderReport({
      ...{ results, scores, benchmark, megabytes, title: `${title}: ${backbone.name}` },
      ...(notes !== undefined && { notes }),
      ...(map && { map }),
    });
    paths.push(...(await writeRun(folder, { [`report-${backbone.name}.html`]: page }, { signal })));
  }
  if (paths.length === 0)
    throw new BenchmarkError('INVALID_OPTION', {
      where: 'ood-eval report',
      expected: `backbones of the run: ${run.backbones.map(({ name }) => name).join(', ')}`,
      got: backbones?.join(', ') ?? 'none',
      advice: 'correct the names',
    });
  return paths;
}

/** The paper of a method, and the options that were set. */
function descriptionOf({ method, options, cost }: Cell): string {
  if (cost === null) return 'scores from elsewhere';
  const set = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  return [describeMethod(method).paper, ...set].join('; ');
}

function withoutNulls(facts: Summary['provenance']): Results['provenance'] {
  return Object.fromEntries(
    Object.entries(facts).filter((entry): entry is [string, string | number] => entry[1] !== null),
  );
}
