import { resolve } from 'node:path';
import { requireWritableFolder } from '@ood/core/node';
import { describeMethod, detectorNames, fitDetector } from '@ood/detectors';
import { type Benchmark, type Contestant, headOfModel, readBenchmark, withLogits } from '@ood/eval';
import type { BackboneOptions, Head } from '@ood/features';
import { createProgress, type Io, requireFile, requirePath } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import { CHOSEN_BY_ENGINE, judge } from './judge.ts';

export interface EvalOptions {
  readonly folder: string;
  /** OOD sets that are near. */
  readonly near?: readonly string[];
  /** Names of detectors, or `all` (of classifiers' features); default: those below that the features allow. */
  readonly detectors?: readonly string[];
  /** The model that the features come from: its head serves the detectors that read it, and gives logits where there are none. */
  readonly model?: string;
  /** Further layers of that model that the features were extracted with. */
  readonly layers?: BackboneOptions['layers'];
  readonly out: string;
  readonly seed: number;
  /** How often methods that draw at random are fitted, with the seeds from `seed` on. */
  readonly seeds: number;
  readonly threads?: number;
  readonly json: boolean;
}

const DEFAULT_DETECTORS = ['fde', 'mahalanobis++', 'knn', 'energy', 'msp'];

/** Compares detectors on the features of a folder; prints a table, writes a report and the results. */
export async function runEval(options: EvalOptions, io: Io): Promise<void> {
  const { folder, near, detectors, model, layers, out, seed, seeds, threads, json } = options;
  const source = await requirePath(folder, io, 'a folder of features');
  const target = resolve(io.cwd, out);
  await requireWritableFolder(target, { where: `--out ${out}` });
  for (const name of detectors ?? []) if (name !== 'all') describeMethod(name);
  const progress = createProgress(io, { silent: json });
  const reading = progress.stage('reading the features');
  const read = await readBenchmark(source, { near });
  const head = model === undefined ? undefined : await headOf(model, read, { threads, layers, io });
  const benchmark = head === undefined ? read : withLogits(read, head);
  reading.done(`${benchmark.idTrain.features.rows} ID training rows, ${benchmark.ood.length} OOD sets`);

  const given = detectors?.includes('all') ? forClassifiers() : detectors;
  const names = given ?? DEFAULT_DETECTORS.filter(name => lacks(name, benchmark, head) === undefined);
  const contestants = names.flatMap(name => contestantsOf(name, { benchmark, head, options }));
  const flags = [
    near && `--near ${near}`,
    detectors && `--detectors ${detectors}`,
    model && `--model ${model}`,
    layers && `--layers ${layers}`,
    `--seed ${seed}`,
    seeds > 1 && `--seeds ${seeds}`,
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

/** The head of the model that a word of the command line names. */
async function headOf(
  word: string,
  benchmark: Benchmark,
  { threads, layers, io }: Pick<EvalOptions, 'threads' | 'layers'> & { io: Io },
) {
  const path = await requireFile(word, io, 'the ONNX model that the features come from');
  return headOfModel(path, benchmark, { threads, layers, where: word });
}

interface Fitting {
  readonly benchmark: Benchmark;
  readonly head: Head | undefined;
  readonly options: EvalOptions;
}

/** A method, once for each seed if it draws at random. */
function contestantsOf(name: string, { benchmark, head, options }: Fitting): Contestant[] {
  const { title, paper, defaults } = describeMethod(name);
  const { seed: first, seeds, threads } = options;
  const random = 'seed' in defaults;
  return Array.from({ length: random ? seeds : 1 }, (_, i) => ({
    name: random && seeds > 1 ? `${title}, seed ${first + i}` : title,
    description: paper,
    fit: async (training, { signal }) => {
      const lack = lacks(name, benchmark, head);
      if (lack !== undefined) throw lack;
      return fitDetector(name, training, { ...(random && { seed: first + i }), head, threads, signal });
    },
  }));
}

/** What a method reads that is not there. */
function lacks(name: string, { idTest, ood }: Benchmark, head: Head | undefined): CliError | undefined {
  const { reads, needs } = describeMethod(name);
  const where = `detector ${name}`;
  if (needs.includes('head') && head === undefined)
    return new CliError('UNSUPPORTED', {
      where,
      expected: 'the classification head whose weights it reads',
      got: 'no classification head',
      advice: 'give the model that the features come from: --model',
    });
  const lacking = reads.filter(part => [idTest, ...ood].some(set => set[part] === undefined));
  if (lacking.length > 0)
    return new CliError('EMPTY_INPUT', {
      where,
      expected: `${reads.join(' and ')} of every set`,
      got: 'features only',
      advice: 'write <set>.logits.npy beside the features, or give their model: --model',
    });
  return undefined;
}

/** All but those that want embeddings of texts as head. */
function forClassifiers(): readonly string[] {
  return detectorNames.filter(name => describeMethod(name).family !== 'image-text');
}
