import { type FileHandle, rename } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { FeaturesError } from '../errors.ts';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import { emptyInput, type InputState } from '../extraction/input-chain.ts';
import type { Failure } from '../extraction/sample.ts';
import { type BlockPosition, encodeBatchHead, encodeTail } from './arrow/encode.ts';
import { batchColumns } from './batch-columns.ts';
import { storeWriteError, writeBytes } from './file-ranges.ts';
import { batchMetadata, headerMetadata, type StoreHeader } from './metadata.ts';

/** Rows that a store takes at once, with what else happened to the input on the way. */
export type AppendedBatch = FeatureBatch & {
  readonly failures?: readonly Failure[];
  /** The input consumed so far. Without it a store cannot be resumed by `extractToStore`. */
  readonly input?: InputState;
};

/** Appends to `<path>.incomplete`; `finish` makes it `<path>`. */
export interface FeatureStoreWriter {
  readonly header: StoreHeader;
  /** Rows appended, those of an earlier run included. */
  readonly rows: number;
  /** Samples of an earlier run that gave no row. */
  readonly failures: readonly Failure[];
  readonly input: InputState;
  append(batch: AppendedBatch): Promise<void>;
  /** Writes what is pending and the footer, flushes the file to disk and gives it its name. */
  finish(): Promise<void>;
  /** Writes what is pending and leaves the file incomplete, to be resumed. Does nothing after `finish`. */
  close(): Promise<void>;
}

export interface StoreWriterOptions {
  /** Rows collected before a record batch is written: what a killed run may lose. Default: 256. */
  readonly rowsPerBatch?: number;
}

/** Name of a store while it is being written. */
export function incompletePath(path: string): string {
  return `${path}.incomplete`;
}

/** What is in the file already. */
export interface WriterState {
  readonly blocks: BlockPosition[];
  end: number;
  rows: number;
  readonly failures: readonly Failure[];
  input: InputState;
}

/** A writer that goes on at the end of the file. */
export function storeWriter(
  file: FileHandle,
  path: string,
  header: StoreHeader,
  { rowsPerBatch = 256, release: unlock }: StoreWriterOptions & { readonly release?: () => Promise<void> },
  state: WriterState,
): FeatureStoreWriter {
  const temporary = incompletePath(path);
  let pending: AppendedBatch[] = [];
  let pendingRows = 0;
  let open = true;

  const flush = async (): Promise<void> => {
    const written = pending;
    if (written.length === 0) return;
    const columns = batchColumns(temporary, written, header.layout);
    const metadata = batchMetadata(
      {
        input: state.input,
        failures: written.flatMap(batch => batch.failures ?? []),
        crc32: columns.body.reduce((crc, part) => crc32(part, crc), 0),
      },
      { rows: columns.rows, header },
    );
    const head = encodeBatchHead(columns.rows, columns.nodes, columns.regions, columns.bodyLength, metadata);
    await writeBytes(file, temporary, [head, ...columns.body], state.end);
    state.blocks.push({
      offset: state.end,
      metadataLength: head.length,
      bodyLength: columns.bodyLength,
    });
    state.end += head.length + columns.bodyLength;
    pending = [];
    pendingRows = 0;
  };
  const release = async (): Promise<void> => {
    open = false;
    // A torn batch at the end would be cut on resuming anyway.
    await file.truncate(state.end).catch(() => undefined);
    await file.close().finally(unlock);
  };

  return {
    header,
    get rows() {
      return state.rows;
    },
    failures: state.failures,
    get input() {
      return state.input;
    },
    async append(batch) {
      if (!open) throw closed(temporary);
      checkBatch(temporary, header, batch);
      pending.push(batch);
      pendingRows += batch.ids.length;
      state.rows += batch.ids.length;
      state.input = batch.input ?? { ...emptyInput, next: state.rows };
      if (pendingRows >= rowsPerBatch) await flush();
    },
    async finish() {
      if (!open) throw closed(temporary);
      await flush();
      const tail = encodeTail(header.layout, headerMetadata(header), state.blocks);
      await writeBytes(file, temporary, [tail], state.end);
      try {
        await file.sync();
        open = false;
        await file.close();
        await rename(temporary, path);
      } catch (cause) {
        throw storeWriteError(cause, temporary);
      } finally {
        if (!open) await unlock?.();
      }
    },
    async close() {
      if (!open) return;
      try {
        await flush();
      } finally {
        await release();
      }
    },
  };
}

function checkBatch(path: string, { layout }: StoreHeader, batch: AppendedBatch): void {
  const { features, logits, ids, labels, indices } = batch;
  if (ids.length === 0) return;
  if (features.cols !== layout.dim || logits?.cols !== layout.classes)
    throw new FeaturesError('STORE_MISMATCH', {
      where: path,
      expected: `rows of ${layout.dim} features and ${layout.classes ?? 'no'} logits`,
      got: `${features.cols} and ${logits?.cols ?? 'no'}`,
      advice: 'write them to a store of their own',
      details: { path, layout, features: features.cols, logits: logits?.cols },
    });
  const lengths = {
    labels: labels.length,
    indices: indices.length,
    features: features.data.length / layout.dim,
    ...(logits && { logits: logits.data.length / logits.cols }),
  };
  for (const [column, length] of Object.entries(lengths))
    if (length !== ids.length)
      throw new FeaturesError('WRONG_SHAPE', {
        where: path,
        expected: `${ids.length} ${column}, one for each id`,
        got: `${length}`,
        advice: 'give all columns of a batch equal lengths',
        details: { path, column, expected: ids.length, got: length },
      });
}

function closed(path: string): FeaturesError {
  return new FeaturesError('CLOSED', {
    where: path,
    expected: 'an open writer',
    got: 'a closed one',
    advice: 'resume the store to go on',
    details: { path },
  });
}
