import { resolve } from 'node:path';
import { requireWritableFolder } from '@ood/core/node';
import { describeMethod, fitDetector } from '@ood/detectors';
import { type Benchmark, type Contestant, readBenchmark } from '@ood/eval';
import { CliError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { createProgress } from '../../output/progress.ts';
import { requirePath } from '../../paths/require-path.ts';
import { CHOSEN_BY_ENGINE, judge } from './judge.ts';

export interface EvalOptions {
  readonly folder: string;
  /** OOD sets that are near. */
  readonly near?: readonly string[];
  /** Names of detectors; default: those below that the features allow. */
  readonly detectors?: readonly string[];
  readonly out: string;
  readonly seed: number;
  readonly threads?: number;
  readonly json: boolean;
}

const DEFAULT_DETECTORS = ['fde', 'mahalanobis++', 'knn', 'energy', 'msp'];

/** Compares detectors on the features of a folder; prints a table, writes a report and the results. */
export async function runEval(options: EvalOptions, io: Io): Promise<void> {
  const { folder, near, detectors, out, seed, threads, json } = options;
  const source = await requirePath(folder, io, 'a folder of features');
  const target = resolve(io.cwd, out);
  await requireWritableFolder(target, { where: `--out ${out}` });
  const progress = createProgress(io, { silent: json });
  const reading = progress.stage('reading the features');
  const benchmark = await readBenchmark(source, { near });
  reading.done(`${benchmark.idTrain.features.rows} ID training rows, ${benchmark.ood.length} OOD sets`);

  const names = detectors ?? DEFAULT_DETECTORS.filter(name => readable(name, benchmark));
  const contestants = names.map(name => contestant(name, benchmark, options));
  const flags = [
    near && `--near ${near}`,
    detectors && `--detectors ${detectors}`,
    `--seed ${seed}`,
    threads && `--threads ${threads}`,
  ];
  await judge(
    benchmark,
    {
      contestants: () => contestants,
      folder: target,
      seed,
      json,
      progress,
      provenance: {
        command: ['ood eval', folder, ...flags.filter(Boolean)].join(' '),
        threads: threads ?? CHOSEN_BY_ENGINE,
      },
    },
    io,
  );
}

function contestant(name: string, benchmark: Benchmark, { seed, threads }: EvalOptions): Contestant {
  const { title, paper, reads, needs, defaults } = describeMethod(name);
  return {
    name: title,
    description: paper,
    fit: (training, { signal }) => {
      if (needs.includes('head'))
        throw new CliError('UNSUPPORTED', {
          where: `detector ${name}`,
          expected: 'one that needs no classification head',
          got: 'one that reads its weights',
          advice: 'features alone do not hold them, use ood fit with the model',
        });
      if (!readable(name, benchmark))
        throw new CliError('EMPTY_INPUT', {
          where: `detector ${name}`,
          expected: `${reads.join(' and ')} of every set`,
          got: 'features only',
          advice: 'write <set>.logits.npy beside the features',
        });
      return fitDetector(name, training, { ...('seed' in defaults && { seed }), threads, signal });
    },
  };
}

function readable(name: string, { idTest, ood }: Benchmark): boolean {
  const { reads, needs } = describeMethod(name);
  return (
    !needs.includes('head') && [idTest, ...ood].every(set => reads.every(part => set[part] !== undefined))
  );
}
