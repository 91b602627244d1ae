import { access, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type DenseArray, decodeNpy, isOodError, systemError } from '@ood/core';
import { readPlainFile } from '@ood/core/node';
import { openFeatureStore, type Provenance, toLabels, toMatrix } from '@ood/features';
import type { Benchmark, FeatureSet, Matrix } from './benchmark.ts';
import { BenchmarkError } from './errors.ts';

export interface ReadBenchmarkOptions {
  /** Names of the OOD sets that are near; the others count as far. */
  readonly near?: readonly string[];
  /** Name of the benchmark in results and report. Default: the folder's. */
  readonly name?: string;
}

const FEATURES = '.features.npy';
const STORE = '.arrow';

/**
 * A benchmark from a folder of files: `id-train`, `id-test` and one `ood-<name>` for each OOD set, each as a feature store
 * `<set>.arrow`, or as `<set>.features.npy` `[n, d]` and, where there are any, `<set>.logits.npy` `[n, classes]` and
 * `<set>.labels.npy` `[n]` (integers of any width).
 *
 * @throws BenchmarkError `NOT_A_BENCHMARK` where a set is missing, or there twice, `INVALID_OPTION` for near sets that are not there,
 *   `WRONG_SHAPE`; CoreError where the folder cannot be read; the FeaturesError of an unreadable file, or of labels that are no class indices
 */
export async function readBenchmark(
  folder: string,
  { near = [], name = basename(resolve(folder)) }: ReadBenchmarkOptions = {},
): Promise<Benchmark> {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw systemError(cause, { where: folder, expected: 'a folder of features' });
  });
  const sets = setsOf(folder, files);
  const ood = [...sets]
    .filter(set => set.startsWith('ood-'))
    .map(set => set.slice('ood-'.length))
    .sort();
  const unknown = near.filter(name => !ood.includes(name));
  if (unknown.length > 0) {
    throw new BenchmarkError('INVALID_OPTION', {
      where: folder,
      expected: `the near sets to be among ${ood.join(', ')}`,
      got: unknown.join(', '),
      advice: `name them as in ood-<name>${FEATURES} or ood-<name>${STORE}`,
      details: { option: 'near', unknown, known: ood },
    });
  }
  const advice = 'write features as .npy or feature stores, one a set';
  for (const needed of ['id-train', 'id-test']) {
    if (sets.has(needed)) continue;
    throw new BenchmarkError('NOT_A_BENCHMARK', {
      where: folder,
      expected: `${needed}${FEATURES} or ${needed}${STORE}`,
      got: `${ood.length} OOD sets and no such file`,
      advice,
    });
  }
  if (ood.length === 0) {
    throw new BenchmarkError('NOT_A_BENCHMARK', {
      where: folder,
      expected: `at least one ood-<name>${FEATURES} or ood-<name>${STORE}`,
      got: 'none',
      advice,
    });
  }
  const read = async (set: string, like: Provenance | null): Promise<ReadSet> =>
    files.includes(set + STORE)
      ? readStore(join(folder, set), like)
      : { set: await readSet(folder, set), madeBy: null };
  const { set: idTrain, madeBy } = await read('id-train', null);
  const others = ood.map(name => read(`ood-${name}`, madeBy));
  const [idTest, ...oodSets] = await Promise.all([read('id-test', madeBy), ...others]);
  const ordered = oodSets
    .map(({ set }) => ({ ...set, group: near.includes(set.name) ? ('near' as const) : ('far' as const) }))
    .sort((a, b) => Number(b.group === 'near') - Number(a.group === 'near'));
  return { name, idTrain, idTest: idTest.set, ood: ordered };
}

/** The files of the sets of a folder, as `readBenchmark` takes them, by name. */
export async function benchmarkFiles(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw systemError(cause, { where: folder, expected: 'a folder of features' });
  });
  return files
    .filter(file => /^(id-train|id-test|ood-.+)(\.arrow|\.(features|logits|labels)\.npy)$/.test(file))
    .sort()
    .map(file => join(folder, file));
}

/** Names of the sets in a folder's files. */
function setsOf(folder: string, files: readonly string[]): ReadonlySet<string> {
  const sets = new Set<string>();
  for (const ending of [FEATURES, STORE]) {
    for (const file of files.filter(file => file.endsWith(ending))) {
      const set = file.slice(0, -ending.length);
      if (!sets.has(set)) sets.add(set);
      else {
        throw new BenchmarkError('NOT_A_BENCHMARK', {
          where: folder,
          expected: `one file of features for ${set}`,
          got: `${set}${FEATURES} and ${set}${STORE}`,
          advice: 'move one of them away',
        });
      }
    }
  }
  return sets;
}

async function readSet(folder: string, set: string): Promise<FeatureSet> {
  const path = join(folder, set);
  const features = await readMatrix(path + FEATURES);
  const logits = await optional(`${path}.logits.npy`, readMatrix);
  const labels = await optional(`${path}.labels.npy`, async file => toLabels(await readNpy(file), file));
  for (const [what, rows] of [
    ['logits', logits?.rows],
    ['labels', labels?.length],
  ] as const) {
    if (rows === undefined || rows === features.rows) continue;
    throw new BenchmarkError('WRONG_SHAPE', {
      where: `${path}.${what}.npy`,
      expected: `${features.rows} rows as in the features`,
      got: `${rows}`,
      advice: 'write both from the same samples',
    });
  }
  return { name: setName(set), features, ...(logits && { logits }), ...(labels && { labels }) };
}

interface ReadSet {
  readonly set: FeatureSet;
  /** What made the features, where that is known. */
  readonly madeBy: Provenance | null;
}

/** @param like what made the features of the ID training rows, where that is known and must be the same */
async function readStore(path: string, like: Provenance | null): Promise<ReadSet> {
  const expect = like && { model: like.model, preprocessing: like.preprocessing };
  const opening = openFeatureStore(path + STORE, expect ? { expect } : {});
  const store = await opening.catch((error: unknown) => {
    if (!isOodError(error, 'STORE_MISMATCH')) throw error;
    const { field } = error.details;
    throw new BenchmarkError('NOT_A_BENCHMARK', {
      where: path + STORE,
      expected: `features of the same model and preprocessing as in id-train${STORE}`,
      got: `those of another ${field}`,
      advice: 'extract all sets alike',
      details: { field },
      cause: error,
    });
  });
  try {
    const { features, logits, labels } = await store.readAll();
    const labeled = labels.every(label => label >= 0);
    const set = { name: setName(path), features, ...(logits && { logits }), ...(labeled && { labels }) };
    return { set, madeBy: store.provenance };
  } finally {
    await store.close();
  }
}

function setName(path: string): string {
  return basename(path).replace(/^ood-/, '');
}

async function readNpy(path: string): Promise<DenseArray> {
  return decodeNpy(await readPlainFile(path, { what: 'a .npy file' }), path);
}

async function readMatrix(path: string): Promise<Matrix> {
  return toMatrix(await readNpy(path), path);
}

async function optional<T>(path: string, read: (path: string) => Promise<T>): Promise<T | undefined> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  return exists ? read(path) : undefined;
}
