import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeMethod, fitDetector } from '@ood/detectors';
import {
  type Benchmark,
  type Contestant,
  readBenchmark,
  renderReport,
  runBenchmark,
  writeRun,
} from '@ood/eval';
import { UsageError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { createProgress } from '../../output/progress.ts';
import { reportSharedRows } from '../../output/report-shared-rows.ts';
import { requireWritableFolder } from '../../output/require-writable-folder.ts';
import { resultsTable } from '../../output/results-table.ts';
import { packageVersion } from '../../package-version.ts';
import { requirePath } from '../guard/open-images.ts';

export interface EvalOptions {
  readonly folder: string;
  /** OOD sets that are near. */
  readonly near?: readonly string[];
  /** Names of detectors; default: those below that the features allow. */
  readonly detectors?: readonly string[];
  readonly out: string;
  readonly seed: number;
  readonly json: boolean;
}

const DEFAULT_DETECTORS = ['fde', 'mahalanobis++', 'knn', 'energy', 'msp'];

/** Compares detectors on the features of a folder; prints a table, writes a report and the results. */
export async function runEval(
  { folder, near, detectors, out, seed, json }: EvalOptions,
  io: Io,
): Promise<void> {
  const { signal, now } = io;
  const source = await requirePath(folder, io, 'a folder of features');
  const target = resolve(io.cwd, out);
  await requireWritableFolder(target);
  const progress = createProgress(io, { silent: json });
  const reading = progress.stage('reading the features');
  const benchmark = await readBenchmark(source, { ...(near && { near }) });
  reading.done(`${benchmark.idTrain.features.rows} ID training rows, ${benchmark.ood.length} OOD sets`);

  const names = detectors ?? DEFAULT_DETECTORS.filter(name => readable(name, benchmark));
  const judging = progress.stage('fitting and scoring');
  const run = await runBenchmark(
    benchmark,
    names.map(name => contestant(name, benchmark, seed)),
    {
      seed,
      signal,
      now,
      onSharedRows: shared => reportSharedRows(shared, io, { silent: json }),
      onProgress: ({ detector, step, fraction }) => judging.update(fraction, `${detector}: ${step}`),
      provenance: {
        command: `ood eval ${folder} --seed ${seed}`,
        ood: packageVersion(),
        node: process.version,
      },
    },
  );
  judging.done(`${names.length} detectors`);

  const results = JSON.stringify(run.results, null, 2);
  signal.throwIfAborted();
  await writeRun(target, {
    'report.html': await renderReport({ ...run, benchmark }),
    'results.json': `${results}\n`,
  });
  if (json) {
    io.stdout.write(`${results}\n`);
    return;
  }
  io.stdout.write(`\n${resultsTable(run.results)}\n\n`);
  io.stdout.write(`Report: ${pathToFileURL(join(target, 'report.html')).href}\n`);
}

function contestant(name: string, benchmark: Benchmark, seed: number): Contestant {
  const { title, paper, reads, needs, defaults } = describeMethod(name);
  if (needs.includes('head')) {
    throw new UsageError(
      `detector ${name}: expected one that needs no classification head, got one that reads its weights; features alone do not hold them, use ood fit with the model`,
    );
  }
  if (!readable(name, benchmark)) {
    throw new UsageError(
      `detector ${name}: expected ${reads.join(' and ')} of every set, got features only; write <set>.logits.npy beside the features`,
    );
  }
  return {
    name: title,
    description: paper,
    fit: (training, { signal }) =>
      fitDetector(name, training, { ...('seed' in defaults && { seed }), ...(signal && { signal }) }),
  };
}

function readable(name: string, { idTest, ood }: Benchmark): boolean {
  const { reads, needs } = describeMethod(name);
  return (
    !needs.includes('head') && [idTest, ...ood].every(set => reads.every(part => set[part] !== undefined))
  );
}
