import { rm, stat } from 'node:fs/promises';
import { requireWritableFile } from '@ood/core/node';
import type { Backbone } from '../backbone/backbone.ts';
import { classNameCount } from '../backbone/configured-classes.ts';
import { FeaturesError } from '../errors.ts';
import { noSamples } from '../extraction/extract.ts';
import { type ExtractOptions, extractPositioned, type TrackedBatch } from '../extraction/extract-batches.ts';
import { emptyInput } from '../extraction/input-chain.ts';
import type { Failure, Samples } from '../extraction/sample.ts';
import { checkShard, shardLength } from '../extraction/shard.ts';
import type { StoredElement } from './arrow/layout.ts';
import { openFeatureStore } from './feature-store.ts';
import { newWriter, resumeFeatureStore, taken } from './open-writer.ts';
import { checkProvenance, type Provenance, provenanceOf } from './provenance.ts';
import { type FeatureStoreWriter, incompletePath, type StoreWriterOptions } from './store-writer.ts';
import { samplesAfter, verifyInputs } from './verify-inputs.ts';
import { withWriterLock } from './writer-lock.ts';

export interface ExtractToStoreOptions extends ExtractOptions, StoreWriterOptions {
  /** Features and logits on disk. Default: `float32`. */
  readonly element?: StoredElement;
  /**
   * A finished store at the path: `reuse` checks that it is of the same model, preprocessing and inputs and takes it,
   * `overwrite` starts anew and replaces it when the new one is complete, `fail` is an error. Default: `reuse`.
   */
  readonly ifExists?: 'reuse' | 'overwrite' | 'fail';
  /** Names of the model's classes, one for each column of the logits: kept in the provenance. Default: none. */
  readonly classNames?: readonly string[];
  /** How inputs are compared with those of a finished or unfinished store, see `verifyInputs`. Default: `content`. */
  readonly verify?: 'content' | 'ids';
}

export interface ExtractedStore {
  readonly path: string;
  readonly rows: number;
  readonly failures: readonly Failure[];
  /** Rows taken over from a finished or unfinished store; all of them if nothing was computed. */
  readonly reusedRows: number;
}

/**
 * Extracts features into the store at `path`, in bounded memory. A run that was killed, aborted or ran out of disk goes
 * on after its last complete batch when called again; a finished store of the same provenance is reused.
 *
 * @throws as `extractBatches`; FeaturesError STORE_MISMATCH if what is at the path has another provenance or other
 *   inputs; FILE_EXISTS; EMPTY_INPUT; CoreError LOCKED where another extraction writes there; DISK_FULL, PERMISSION_DENIED
 */
export async function extractToStore(
  path: string,
  backbone: Pick<Backbone, 'inputs' | 'run' | 'describe'>,
  samples: Samples,
  options: ExtractToStoreOptions = {},
): Promise<ExtractedStore> {
  const { ifExists = 'reuse', shard = { index: 0, count: 1 }, classNames, signal } = options;
  checkShard(shard);
  checkClassNames(classNames, backbone);
  const provenance = provenanceOf(backbone, options.preprocessing, shard, classNames);
  const job = { path, backbone, samples, provenance };
  await requireWritableFile(path, { expected: 'a path for a feature store' });
  // Without a lock where nothing is written: the folder may be read-only.
  if (ifExists !== 'overwrite' && (await isThere(path))) return takeOver(job, options);
  return withWriterLock(
    path,
    async locked => {
      if (ifExists === 'overwrite') await rm(incompletePath(path), { force: true });
      else if (await isThere(path)) return takeOver(job, options);
      return extractUnderLock(job, { ...options, signal: locked });
    },
    signal,
  );
}

function checkClassNames(names: readonly string[] | undefined, backbone: Pick<Backbone, 'describe'>): void {
  if (names === undefined) return;
  const { head } = backbone.describe();
  const wanted = classNameCount({ head });
  if (names.length === wanted) return;
  throw new FeaturesError('INVALID_OPTION', {
    where: 'extractToStore: classNames',
    expected: wanted === 0 ? 'none, since the model has no logits' : `${wanted} names`,
    got: `${names.length}`,
    advice: 'give the names of this very model, in the order of its logits',
    details: { names: names.length, classes: 'classes' in head ? head.classes : 0 },
  });
}

interface Job {
  readonly path: string;
  readonly backbone: Pick<Backbone, 'inputs' | 'run' | 'describe' | 'busyCores'>;
  readonly samples: Samples;
  readonly provenance: Provenance;
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/** A finished store in place of an extraction. */
async function takeOver({ path, provenance, samples }: Job, options: ExtractToStoreOptions) {
  if (options.ifExists !== 'fail') return reuse(path, provenance, samples, options);
  throw taken(path);
}

async function extractUnderLock(
  { path, backbone, samples, provenance }: Job,
  options: ExtractToStoreOptions,
): Promise<ExtractedStore> {
  const { element = 'float32', shard = { index: 0, count: 1 }, signal } = options;
  let writer = await resumed(path, provenance, options);
  const reusedRows = writer?.rows ?? 0;
  const input = writer?.input ?? emptyInput;
  const failures: Failure[] = [...(writer?.failures ?? [])];
  const before = { done: reusedRows + failures.length, rows: reusedRows, failures: failures.length };
  const total = samples.length === undefined ? undefined : shardLength(samples.length, shard);
  let early: Failure[] = [];
  try {
    const rest = samplesAfter(path, samples, { shard, input, verify: options.verify ?? 'content', signal });
    for await (const batch of extractPositioned(backbone, rest, { ...options, total, before, input })) {
      failures.push(...batch.failures);
      if (!writer && batch.ids.length === 0) {
        early.push(...batch.failures);
        continue;
      }
      writer ??= await newWriter(path, { layout: layoutOf(batch, element), provenance }, options);
      await writer.append({ ...batch, failures: [...early, ...batch.failures] });
      early = [];
    }
    if (!writer || writer.rows === 0) throw noSamples(failures);
    await writer.finish();
    return { path, rows: writer.rows, failures, reusedRows };
  } catch (error) {
    await writer?.close().catch(() => undefined);
    throw error;
  }
}

async function reuse(
  path: string,
  provenance: Provenance,
  samples: Samples,
  { element = 'float32', verify = 'content', signal }: ExtractToStoreOptions,
): Promise<ExtractedStore> {
  const store = await openFeatureStore(path, { expect: provenance });
  try {
    checkElement(path, store.element, element);
    await verifyInputs(path, samples, { shard: provenance.shard, input: store.input, verify, signal });
    return { path, rows: store.rows, failures: store.failures, reusedRows: store.rows };
  } finally {
    await store.close();
  }
}

async function resumed(
  path: string,
  provenance: Provenance,
  { element = 'float32', rowsPerBatch }: ExtractToStoreOptions,
): Promise<FeatureStoreWriter | undefined> {
  const writer = await resumeFeatureStore(path, { ...(rowsPerBatch !== undefined && { rowsPerBatch }) });
  if (!writer) return undefined;
  try {
    checkProvenance(incompletePath(path), writer.header.provenance, provenance);
    checkElement(incompletePath(path), writer.header.layout.element, element);
    return writer;
  } catch (error) {
    await writer.close();
    throw error;
  }
}

function layoutOf({ features, logits }: TrackedBatch, element: StoredElement) {
  return { dim: features.cols, ...(logits && { classes: logits.cols }), element };
}

function checkElement(path: string, stored: StoredElement, wanted: StoredElement): void {
  if (stored === wanted) return;
  throw new FeaturesError('STORE_MISMATCH', {
    where: path,
    expected: `features stored as ${wanted}`,
    got: stored,
    advice: `ask for ${stored}, or pass ifExists: 'overwrite'`,
    details: { path, field: 'element', expected: wanted, got: stored },
  });
}
