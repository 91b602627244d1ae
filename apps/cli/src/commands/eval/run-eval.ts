import { resolve } from 'node:path';
import { describeMethod, fitDetector } from '@ood/detectors';
import { type Benchmark, type Contestant, readBenchmark } from '@ood/eval';
import { UsageError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { createProgress } from '../../output/progress.ts';
import { requirePath } from '../../paths/require-path.ts';
import { requireWritableFolder } from '../../paths/require-writable-folder.ts';
import { judge } from './judge.ts';

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
  const source = await requirePath(folder, io, 'a folder of features');
  const target = resolve(io.cwd, out);
  await requireWritableFolder(target);
  const progress = createProgress(io, { silent: json });
  const reading = progress.stage('reading the features');
  const benchmark = await readBenchmark(source, { near });
  reading.done(`${benchmark.idTrain.features.rows} ID training rows, ${benchmark.ood.length} OOD sets`);

  const names = detectors ?? DEFAULT_DETECTORS.filter(name => readable(name, benchmark));
  const contestants = names.map(name => contestant(name, benchmark, seed));
  const flags = [near && `--near ${near}`, detectors && `--detectors ${detectors}`, `--seed ${seed}`];
  await judge(
    benchmark,
    {
      contestants: () => contestants,
      folder: target,
      seed,
      json,
      progress,
      provenance: { command: ['ood eval', folder, ...flags.filter(Boolean)].join(' ') },
    },
    io,
  );
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
      fitDetector(name, training, { ...('seed' in defaults && { seed }), signal }),
  };
}

function readable(name: string, { idTest, ood }: Benchmark): boolean {
  const { reads, needs } = describeMethod(name);
  return (
    !needs.includes('head') && [idTest, ...ood].every(set => reads.every(part => set[part] !== undefined))
  );
}
