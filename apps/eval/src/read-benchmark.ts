import { access, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readNpy, toLabels, toMatrix } from '@ood/features';
import type { Benchmark, FeatureSet, Matrix } from './benchmark.ts';
import { BenchmarkError } from './errors.ts';

export interface ReadBenchmarkOptions {
  /** Names of the OOD sets that are near; the others count as far. */
  readonly near?: readonly string[];
  /** Name of the benchmark in results and report. Default: the folder's. */
  readonly name?: string;
}

const FEATURES = '.features.npy';

/**
 * A benchmark from a folder of `.npy` files: `id-train`, `id-test` and one `ood-<name>` for each OOD set, each as
 * `<set>.features.npy` `[n, d]` and, where there are any, `<set>.logits.npy` `[n, classes]` and `<set>.labels.npy` `[n]`
 * (integers of any width).
 *
 * @throws BenchmarkError `NOT_A_BENCHMARK` where the folder or a set is missing, `WRONG_SHAPE`; the FeaturesError of an unreadable file, or of labels that are
 *   no class indices
 */
export async function readBenchmark(
  folder: string,
  { near = [], name = basename(resolve(folder)) }: ReadBenchmarkOptions = {},
): Promise<Benchmark> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new BenchmarkError(
      'NOT_A_BENCHMARK',
      `${folder}: expected a folder of .npy files, got ${error.code === 'ENOENT' ? 'nothing there' : 'a file'}; check the path`,
    );
  });
  const ood = files
    .filter(file => file.startsWith('ood-') && file.endsWith(FEATURES))
    .map(file => file.slice('ood-'.length, -FEATURES.length))
    .sort();
  const unknown = near.filter(name => !ood.includes(name));
  if (unknown.length > 0) {
    throw new BenchmarkError(
      'NOT_A_BENCHMARK',
      `${folder}: expected the near sets to be among ${ood.join(', ')}, got ${unknown.join(', ')}; name them as in ood-<name>${FEATURES}`,
    );
  }
  for (const needed of ['id-train', 'id-test']) {
    if (files.includes(needed + FEATURES)) continue;
    throw new BenchmarkError(
      'NOT_A_BENCHMARK',
      `${folder}: expected ${needed}${FEATURES}, got ${ood.length} OOD sets and no such file; write features as .npy, one file a set`,
    );
  }
  if (ood.length === 0) {
    throw new BenchmarkError(
      'NOT_A_BENCHMARK',
      `${folder}: expected at least one ood-<name>${FEATURES}, got none; write features as .npy, one file a set`,
    );
  }
  const [idTrain, idTest, ...oodSets] = await Promise.all(
    ['id-train', 'id-test', ...ood.map(name => `ood-${name}`)].map(set => readSet(folder, set)),
  );
  const ordered = oodSets
    .map(set => ({ ...set, group: near.includes(set.name) ? ('near' as const) : ('far' as const) }))
    .sort((a, b) => Number(b.group === 'near') - Number(a.group === 'near'));
  return { name, idTrain, idTest, ood: ordered };
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
    throw new BenchmarkError(
      'WRONG_SHAPE',
      `${path}.${what}.npy: expected ${features.rows} rows as in the features, got ${rows}; write both from the same samples`,
    );
  }
  return { name: set.replace(/^ood-/, ''), features, ...(logits && { logits }), ...(labels && { labels }) };
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
