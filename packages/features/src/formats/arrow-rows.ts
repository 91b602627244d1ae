import type { Matrix } from '@ood/core';
import { isOodError, systemError } from '@ood/core';
import { readPlainFile } from '@ood/core/node';
import type { Table, Vector } from 'apache-arrow';
import { FeaturesError } from '../errors.ts';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import { decodeFooter, decodeMessage } from '../store/arrow/decode.ts';
import { inMemory } from './array-rows.ts';
import { type ColumnNames, chooseColumns } from './columns.ts';
import type { FeatureFile } from './contract.ts';
import { toLabel } from './rows-of.ts';

/** Largest Arrow file of another writer: it is read whole. */
const LARGEST = 2 ** 31 - 1;

/**
 * The features of an Arrow file that something else wrote (polars, pandas, pyarrow): a column of lists of numbers, of fixed size
 * or not, and perhaps others of logits, labels and ids. Read whole.
 *
 * @throws as `openFeatureFile`
 */
export async function openForeignArrow(path: string, columns?: ColumnNames): Promise<FeatureFile> {
  const bytes = await readPlainFile(path, { what: 'an Arrow file', maxBytes: LARGEST });
  const { tableFromIPC } = await import('apache-arrow');
  try {
    requireSoundBlocks(path, bytes);
    return inMemory('arrow', batchOfTable(path, tableFromIPC(bytes), { columns, most: bytes.length }));
  } catch (cause) {
    if (isOodError(cause)) throw cause;
    const refusal = systemError(cause, { where: path, expected: 'memory for an Arrow file' });
    if (refusal !== cause) throw refusal;
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (/compress|codec|lz4|zstd/i.test(reason)) throw compressed(path, reason);
    throw new FeaturesError('CORRUPT_FILE', {
      where: path,
      expected: 'a whole Arrow file (IPC)',
      got: `one that does not parse (${reason})`,
      advice: 'write it again',
      details: { path },
      cause,
    });
  }
}

/** Bytes at both ends of a file beside the footer: the mark, and before it the footer's length. */
const MARK = 6;
const END = MARK + 4;
/**
 * Refuses a file whose footer does not lead to batches of rows that the file could hold: apache-arrow would look for the next batch
 * in the same place for ever.
 */
function requireSoundBlocks(path: string, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = bytes.length < MARK + END ? -1 : view.getInt32(bytes.length - END, true);
  if (length < 0 || length > bytes.length - MARK - END)
    throw torn(path, 'a footer within the file', `one of ${length} bytes`);
  const { blocks } = decodeFooter(bytes.subarray(bytes.length - END - length, bytes.length - END));
  let rows = 0;
  for (const { offset, metadataLength, bodyLength } of blocks) {
    if (offset + metadataLength + bodyLength > bytes.length)
      throw torn(path, 'batches within the file', `one at byte ${offset}`);
    // A mark and a length; in files of before 2019 the length alone.
    const prefix = view.getInt32(offset, true) === -1 ? 8 : 4;
    const message = decodeMessage(bytes.subarray(offset + prefix, offset + metadataLength));
    if (message.kind !== 'batch') throw torn(path, `a batch of rows at byte ${offset}`, 'something else');
    rows += message.rows;
  }
  // A row of features has a byte at least.
  if (rows > bytes.length) throw torn(path, `rows that ${bytes.length} bytes can hold`, `${rows}`);
}

function torn(path: string, expected: string, got: string): FeaturesError {
  return new FeaturesError('CORRUPT_FILE', {
    where: path,
    expected,
    got,
    advice: 'write it again, or copy the file again',
    details: { path },
  });
}

interface TableOptions {
  readonly columns: ColumnNames | undefined;
  /** Numbers that the file can hold. */
  readonly most: number;
}

function batchOfTable(path: string, table: Table, { columns, most }: TableOptions): FeatureBatch {
  const there = table.schema.fields.map(field => field.name);
  const names = chooseColumns(path, there, columns);
  const column = (name: string | undefined) => (name === undefined ? undefined : table.getChild(name)!);
  const [logits, labels, ids] = [column(names.logits), column(names.labels), column(names.ids)];
  const rows = table.numRows;
  return {
    features: matrixOf(`${path}, column '${names.features}'`, column(names.features)!, most),
    ...(logits && { logits: matrixOf(`${path}, column '${names.logits}'`, logits, most) }),
    labels: Int32Array.from({ length: rows }, (_, row) =>
      labels ? toLabel(labels.get(row), `${path}, column '${names.labels}'`, row) : -1,
    ),
    ids: Array.from({ length: rows }, (_, row) => String(ids ? (ids.get(row) ?? row) : row)),
    indices: Float64Array.from({ length: rows }, (_, row) => row),
  };
}

/** Rows of equal lengths. @throws FeaturesError WRONG_SHAPE, INVALID_VALUE */
function matrixOf(where: string, column: Vector, most: number): Matrix<Float32Array> {
  const wrong = (got: string) =>
    new FeaturesError('WRONG_SHAPE', {
      where,
      expected: 'a list of as many numbers in each row',
      got,
      advice: 'write the features as lists of one length',
      details: { type: String(column.type) },
    });
  let data: Float32Array | undefined;
  let cols = 0;
  for (let row = 0; row < column.length; row++) {
    const values = numbersOf(column.get(row), most / column.length);
    if (!values) throw wrong(`${column.get(row) === null ? 'null' : String(column.type)} in row ${row}`);
    if (!data) {
      cols = values.length;
      data = new Float32Array(cols * column.length);
    }
    if (values.length !== cols) throw wrong(`${values.length} in row ${row} after rows of ${cols}`);
    for (let i = 0; i < cols; i++) data[row * cols + i] = Number(values[i] ?? Number.NaN);
  }
  return { rows: column.length, cols, data: data ?? new Float32Array() };
}

/** The numbers of a list, or the number as a list of one; undefined for a longer list than may be. */
function numbersOf(value: unknown, most: number): ArrayLike<unknown> | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return [value];
  if (typeof value !== 'object' || value === null || !('toArray' in value)) return undefined;
  if (!(Number((value as { length?: unknown }).length) <= most)) return undefined;
  const list = (value as { toArray(): ArrayLike<unknown> }).toArray();
  return Array.from(list).every(item => typeof item === 'number' || typeof item === 'bigint' || item === null)
    ? list
    : undefined;
}

function compressed(path: string, reason: string): FeaturesError {
  return new FeaturesError('UNSUPPORTED', {
    where: path,
    expected: 'an Arrow file without compression',
    got: `a compressed one (${reason})`,
    advice: "write it with compression='uncompressed' (polars, pyarrow, pandas.DataFrame.to_feather)",
    details: { path },
  });
}
