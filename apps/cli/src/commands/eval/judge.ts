import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { printable } from '@ood/core';
import {
  type Benchmark,
  BenchmarkError,
  type Contestant,
  describeSharedRows,
  type RunBenchmarkOptions,
  renderReport,
  runBenchmark,
  writeRun,
} from '@ood/eval';
import { fractionOf, type Io, jsonText, type Progress } from '@ood/terminal';
import { resultsTable } from '../../output/results-table.ts';
import { packageInfo } from '../../package-info.ts';

export interface JudgeOptions {
  /** The detectors; what they say while they are fitted is shown beside the progress. */
  readonly contestants: (say: (detail: string) => void) => readonly Contestant[];
  /** Folder for the report and the results. */
  readonly folder: string;
  readonly seed: number;
  readonly json: boolean;
  readonly progress: Progress;
  /** What the results are made of, besides the versions of this package and of Node. */
  readonly provenance: RunBenchmarkOptions['provenance'];
  /** More files for the folder, once all are fitted. */
  readonly files?: () => Readonly<Record<string, Uint8Array>>;
}

/** The number of threads in a provenance where nobody gave one. */
export const CHOSEN_BY_ENGINE = 'chosen by the engine';

const LEGEND =
  'AUROC in percent, ± half of its 95 % interval; FPR95: percentage of OOD accepted where 95 % of ID is accepted.\n';

/**
 * Fits and scores detectors on a benchmark; writes the report and the results, prints them as a table or as JSON.
 *
 * @throws BenchmarkError `DETECTORS_FAILED` after all that, where a detector has no result
 */
export async function judge(benchmark: Benchmark, options: JudgeOptions, io: Io): Promise<void> {
  const { folder, seed, json, progress, provenance, files } = options;
  const { signal, now } = io;
  const judging = progress.stage('fitting and scoring');
  const contestants = options.contestants(detail => judging.update(undefined, detail));
  const run = await runBenchmark(benchmark, contestants, {
    seed,
    signal,
    now,
    onSharedRows: shared => {
      if (json) return;
      const start = io.stderr.isTerminal ? '\n' : '';
      for (const finding of shared)
        io.stderr.write(`${start}warning: ${printable(describeSharedRows(finding))}\n`);
    },
    onProgress: event => judging.update(fractionOf(event), `${event.detector}: ${event.stage}`),
    provenance: { ood: packageInfo().version, node: process.version, ...provenance },
  });
  judging.done(`${contestants.length} detectors on ${benchmark.ood.length} OOD sets`);

  const writing = progress.stage('writing');
  const results = jsonText(run.results);
  signal.throwIfAborted();
  const written = {
    'report.html': await renderReport({ ...run, benchmark }),
    'results.json': results,
    ...files?.(),
  };
  await writeRun(folder, written, { signal });
  writing.done(folder);
  if (json) io.stdout.write(results);
  else {
    io.stdout.write(`\n${resultsTable(run.results)}\n\n${LEGEND}`);
    io.stdout.write(`Report: ${pathToFileURL(join(folder, 'report.html')).href}\n`);
  }
  const { failures } = run.results;
  if (failures.length === 0) return;
  for (const { detector, reason } of failures)
    io.stderr.write(`failed: ${printable(`${detector}: ${reason}`)}\n`);
  throw new BenchmarkError('DETECTORS_FAILED', {
    where: 'ood eval',
    expected: `results of all ${contestants.length} detectors`,
    got: `none of ${failures.map(({ detector }) => detector).join(', ')}`,
    advice: 'the others are in the report; see the reasons above',
    details: { failures },
  });
}
