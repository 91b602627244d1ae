import { stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { isOodError, type OodError } from '@ood/core';
import { openPlainFile, type PlainFile } from '@ood/core/node';
import { FeaturesError } from '../errors.ts';
import { concatenateBatches, sliceBatch } from '../extraction/concatenate.ts';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import type { Failure } from '../extraction/sample.ts';
import { decodeMessage } from './arrow/decode.ts';
import { corruptStore } from './corrupt-store.ts';
import type { StoreHeader } from './metadata.ts';
import { parseColumns } from './parse-columns.ts';
import { checkProvenance, type Provenance, provenanceHash } from './provenance.ts';
import { readTail } from './read-tail.ts';
import type { StoredBlock } from './scan.ts';
import { incompletePath } from './store-writer.ts';

/** A finished feature store, open for reading. */
export interface FeatureStore {
  readonly path: string;
  readonly rows: number;
  /** Length d of a feature vector. */
  readonly dim: number;
  /** Number of logits, if there are any. */
  readonly classes?: number;
  readonly element: StoreHeader['layout']['element'];
  readonly provenance: Provenance | null;
  /** SHA-256 over provenance and inputs: equal hashes mean equal features. `null` without provenance. */
  readonly hash: string | null;
  /** What the input was; see `verifyInputs`. */
  readonly input: StoredBlock['note']['input'];
  readonly failures: readonly Failure[];
  /** Rows of each batch. */
  readonly batchRows: readonly number[];
  /** Any batch, by its number. */
  readBatch(batch: number): Promise<FeatureBatch>;
  /** Rows `start … end − 1`, whatever batches they are in. */
  readRows(start: number, end: number): Promise<FeatureBatch>;
  /** All rows. Needs memory for them: prefer `batches`. */
  readAll(): Promise<FeatureBatch>;
  /** Batch after batch, the next one being read meanwhile. */
  batches(options?: { readonly signal?: AbortSignal }): AsyncGenerator<FeatureBatch>;
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  /** What the features must come from; a store of anything else is refused. */
  readonly expect?: Partial<Provenance>;
}

/**
 * Opens a feature store. Only positions are read; batches come when asked for.
 *
 * @throws FeaturesError FILE_NOT_FOUND, STORE_INCOMPLETE (written but not finished), UNSUPPORTED, CORRUPT_FILE,
 *   NEWER_VERSION, STORE_MISMATCH (of another model, layer, preprocessing or shard)
 */
export async function openFeatureStore(
  path: string,
  { expect }: OpenStoreOptions = {},
): Promise<FeatureStore> {
  const file = await openPlainFile(path, { what: 'a feature store' }).catch(async (error: unknown) => {
    throw isOodError(error, 'FILE_NOT_FOUND') ? await notFound(path, error) : error;
  });
  try {
    const { header, blocks } = await readTail(file, path);
    if (expect) checkProvenance(path, header.provenance, expect);
    return featureStore(file, path, header, blocks);
  } catch (error) {
    await file.close();
    throw error;
  }
}

function featureStore(
  file: PlainFile,
  path: string,
  { layout, provenance }: StoreHeader,
  blocks: readonly StoredBlock[],
): FeatureStore {
  const starts = [0];
  for (const block of blocks) starts.push(starts.at(-1)! + block.rows);
  const rows = starts.at(-1)!;
  const input = blocks.at(-1)?.note.input ?? { next: 0, ids: '', content: '' };

  const readBatch = async (batch: number): Promise<FeatureBatch> => {
    const block = blocks[batch];
    if (!block) throw outOfRange(path, `a batch from 0 to ${blocks.length - 1}`, batch);
    const bytes = await file.read(block.offset, block.metadataLength + block.bodyLength);
    const body = bytes.subarray(block.metadataLength);
    if (crc32(body) !== block.note.crc32)
      throw corruptStore(path, `batch ${batch} as it was written`, 'other bytes (checksum)');
    const { buffers } = decodeMessage(bytes.subarray(8, block.metadataLength));
    return parseColumns(path, body, block.rows, buffers, layout);
  };
  const readRows = async (start: number, end: number): Promise<FeatureBatch> => {
    if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= rows))
      throw outOfRange(path, `rows within 0 … ${rows}`, `${start} … ${end}`);
    const parts: FeatureBatch[] = [];
    for (let batch = 0; batch < blocks.length; batch++) {
      const from = Math.max(start, starts[batch]!);
      const to = Math.min(end, starts[batch + 1]!);
      if (from >= to) continue;
      parts.push(sliceBatch(await readBatch(batch), from - starts[batch]!, to - starts[batch]!));
    }
    return concatenateBatches(parts, layout);
  };

  return {
    path,
    rows,
    dim: layout.dim,
    ...(layout.classes !== undefined && { classes: layout.classes }),
    element: layout.element,
    provenance,
    hash: provenance && provenanceHash(provenance, input),
    input,
    failures: blocks.flatMap(block => block.note.failures),
    batchRows: blocks.map(block => block.rows),
    readBatch,
    readRows,
    readAll: () => readRows(0, rows),
    async *batches({ signal } = {}) {
      let next: Promise<FeatureBatch> | undefined;
      try {
        for (let batch = 0; batch < blocks.length; batch++) {
          signal?.throwIfAborted();
          const current = next ?? readBatch(batch);
          next = batch + 1 < blocks.length ? readBatch(batch + 1) : undefined;
          next?.catch(() => undefined);
          const read = await current;
          if (read.ids.length > 0) yield read;
        }
      } finally {
        await next?.catch(() => undefined);
      }
    },
    close: () => file.close(),
  };
}

/** Whether an Arrow file is a feature store, by the mark in its own description. */
export async function isFeatureStore(path: string): Promise<boolean> {
  const file = await openPlainFile(path, { what: 'an Arrow file' });
  try {
    const start = await file.read(0, Math.min(file.size, LONGEST_HEAD));
    const bytes = Buffer.from(start.buffer, start.byteOffset, start.length);
    return MARKS.some(mark => bytes.includes(mark));
  } finally {
    await file.close();
  }
}

/** What only a store's description has. */
const MARKS = ['ood.format', 'ood.layout', 'ood.provenance', 'ood.checksum'];
/** Enough of a file to hold the description of a store. */
const LONGEST_HEAD = 2 ** 20;

async function notFound(path: string, error: OodError): Promise<OodError> {
  if (await stat(incompletePath(path)).catch(() => null))
    return new FeaturesError('STORE_INCOMPLETE', {
      where: path,
      expected: 'a finished feature store',
      got: `an unfinished one (${incompletePath(path)})`,
      advice: 'run the same extraction again: it goes on where it stopped',
      details: { path },
    });
  return error;
}

function outOfRange(path: string, expected: string, got: unknown): FeaturesError {
  return new FeaturesError('INVALID_OPTION', {
    where: path,
    expected,
    got: `${got}`,
    advice: 'see rows and batchRows',
    details: {
      path,
      got,
    },
  });
}
