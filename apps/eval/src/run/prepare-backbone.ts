import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import { pickRows, throwIfAborted } from '@ood/core';
import { readPlainFile, writeWholeFile } from '@ood/core/node';
import type { Head } from '@ood/features';
import type { Benchmark, FeatureSet } from '../benchmark.ts';
import { benchmarkFiles, readBenchmark } from '../read-benchmark.ts';
import type { Task, TaskBackbone } from '../tasks/task.ts';
import { type Extracted, extractSets } from './extract-sets.ts';
import { hashFile } from './hash-file.ts';
import { decodeHead, encodeHead } from './head-file.ts';
import { headOfModel, withLogits } from './head-of-model.ts';
import { modelFile } from './model-file.ts';
import type { PrepareOptions } from './prepare-options.ts';

/** Features of one backbone, ready for every detector, as plain data that a worker can be told. */
export interface PreparedBackbone {
  readonly name: string;
  /** Folder of the sets. */
  readonly folder: string;
  readonly near: readonly string[];
  /** File of the head's weights, where the model has a head. */
  readonly head: string | null;
  /** Rows of a set at most. */
  readonly limit: number | null;
  /** SHA-256 (hex) of all of it. */
  readonly digest: string;
  /** Samples that gave no row, by set. */
  readonly unusable: Readonly<Record<string, number>>;
}

/**
 * Makes sure that the features of a backbone are there: ready ones are looked at, others extracted into the run's folder, where an
 * interrupted run goes on and a finished set is taken as it is.
 *
 * @throws BenchmarkError `FILE_NOT_FOUND` for a model that is not there, with how one makes it; whatever opening, downloading and
 *   extracting throw
 */
export async function prepareBackbone(
  task: Task,
  backbone: TaskBackbone,
  options: PrepareOptions,
): Promise<PreparedBackbone> {
  const { base, out, limit, threads, signal } = options;
  throwIfAborted('the run', signal);
  const own = join(out, 'features', backbone.name);
  const made =
    backbone.features === undefined
      ? await extractSets(task.sets!, backbone, { ...options, folder: own })
      : await readySets(resolve(base, backbone.features), task.near ?? []);
  const { folder, near, unusable } = made;
  let head = made.head;
  if (head === undefined && backbone.model !== undefined) {
    const benchmark = await readBenchmark(folder, { near, name: backbone.name });
    const path = await modelFile(backbone.model, options);
    head = await headOfModel(path, benchmark, { threads, layers: backbone.layers });
  }
  const file = head && join(own, 'head.safetensors');
  if (head && file) await writeWholeFile(file, encodeHead(head));
  const digest = createHash('sha256').update(`near ${near.join()}, limit ${limit ?? 'none'}\n`);
  for (const path of [...(await benchmarkFiles(folder)), ...(file ? [file] : [])])
    digest.update(`${basename(path)} ${await hashFile(path, signal)}\n`);
  return {
    name: backbone.name,
    folder,
    near,
    head: file ?? null,
    limit: limit ?? null,
    digest: digest.digest('hex'),
    unusable,
  };
}

/** Ready features. Near are those of the task's near sets that this folder has: other backbones may have others. */
async function readySets(folder: string, near: readonly string[]): Promise<Extracted> {
  const files = await benchmarkFiles(folder);
  const isThere = (set: string) => files.some(file => basename(file).startsWith(`ood-${set}.`));
  return { folder, near: near.filter(isThere), head: undefined, unusable: {} };
}

/** The sets of a prepared backbone, with logits wherever its head can make them, and the head. */
export async function loadBackbone({
  name,
  folder,
  near,
  head: file,
  limit,
}: PreparedBackbone): Promise<{ readonly benchmark: Benchmark; readonly head: Head | undefined }> {
  const read = await readBenchmark(folder, { near, name });
  const head = file === null ? undefined : decodeHead(await readPlainFile(file), file);
  const complete = head ? withLogits(read, head) : read;
  if (limit === null) return { benchmark: complete, head };
  const few = <S extends FeatureSet>(set: S): S => thinned(set, limit);
  return {
    benchmark: {
      ...complete,
      idTrain: few(complete.idTrain),
      idTest: few(complete.idTest),
      ood: complete.ood.map(few),
    },
    head,
  };
}

/** Rows of a set, evenly from all of it, where it has more than `limit`. */
function thinned<S extends FeatureSet>(set: S, limit: number): S {
  const { rows } = set.features;
  if (rows <= limit) return set;
  const picked = Array.from({ length: limit }, (_, i) => Math.floor((i * rows) / limit));
  return {
    ...set,
    features: pickRows(set.features, picked),
    ...(set.logits && { logits: pickRows(set.logits, picked) }),
    ...(set.labels && { labels: Int32Array.from(picked, row => set.labels![row]!) }),
  };
}
