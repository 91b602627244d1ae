import { throwIfAborted } from '@ood/core';
import { describeMethod } from '@ood/detectors';
import type { DetectorScores } from '../benchmark.ts';
import { BenchmarkError } from '../errors.ts';
import { judge } from '../judge.ts';
import type { DetectorResult } from '../results.ts';
import { readCell } from '../run/cells.ts';
import { loadBackbone } from '../run/prepare-backbone.ts';
import { readRunFile } from '../run/run-file.ts';
import { describeBenchmark } from '../run-benchmark.ts';
import { findSharedRows } from '../shared-rows.ts';
import { writeRun } from '../write-run.ts';
import { renderReport } from './render-report.ts';

export interface WriteReportsOptions {
  /** Default: all of the run. */
  readonly backbones?: readonly string[];
  /** Detectors, by their labels. Default: all of the run. */
  readonly detectors?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * Writes `report-<backbone>.html` into a run's folder: the scores of the first seed of every detector.
 *
 * @returns the paths
 * @throws BenchmarkError `FOREIGN_FILE` for a folder of no run, `EMPTY_INPUT` where nothing is left to show
 */
export async function writeReports(folder: string, options: WriteReportsOptions = {}): Promise<string[]> {
  const { backbones, detectors: wanted, signal } = options;
  const run = await readRunFile(folder);
  const paths: string[] = [];
  for (const backbone of run.backbones.filter(({ name }) => backbones?.includes(name) ?? true)) {
    throwIfAborted('ood-eval report', signal);
    const { benchmark } = await loadBackbone(backbone);
    const sharedRows = findSharedRows(benchmark);
    const detectors: DetectorResult[] = [];
    const scores: Record<string, DetectorScores> = {};
    for (const { key, ...name } of run.cells) {
      if (name.backbone !== backbone.name || name.seed !== 1) continue;
      if (wanted && !wanted.includes(name.detector)) continue;
      const cell = await readCell(folder, name, key);
      if (cell === undefined) continue;
      scores[name.detector] = cell.scores;
      const description = cell.cost === null ? 'scores from elsewhere' : describeMethod(cell.method).paper;
      const { fitSeconds = null, scoreMicroseconds = null } = cell.cost ?? {};
      const judged = { scores: cell.scores, fitSeconds, scoreMicroseconds };
      detectors.push(judge({ name: name.detector, description }, judged, { ...benchmark, sharedRows }, 1));
    }
    if (detectors.length === 0)
      throw new BenchmarkError('EMPTY_INPUT', {
        where: `ood-eval report, backbone ${backbone.name}`,
        expected: 'scores of at least one detector',
        got: 'none',
        advice: 'run the task again, or name other detectors',
      });
    const provenance = { task: run.task.name, features: backbone.digest, seed: 1 };
    const results = { ...describeBenchmark(benchmark), sharedRows, detectors, failures: [], provenance };
    const page = await renderReport({ results, scores, benchmark });
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
