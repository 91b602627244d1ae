import { isOodError, systemError } from '@ood/core';
import { openPlainFile, type PlainFile } from '@ood/core/node';
import type { FileMetaData, SchemaTree } from 'hyparquet';
import { FeaturesError } from '../errors.ts';
import { sliceBatch } from '../extraction/concatenate.ts';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import { type ColumnNames, chooseTableColumns, type TableField } from './columns.ts';
import type { FeatureFile } from './contract.ts';
import { batchOfTable, type TableBlock } from './table-rows.ts';

/** Most numbers of a group of rows: it is read whole. */
const MOST_IN_GROUP = 2 ** 30;
const NUMBERS = ['INT32', 'INT64', 'FLOAT', 'DOUBLE'];

/**
 * The features of a Parquet file: a column of lists of numbers, or columns of numbers, and perhaps others of logits, labels and ids. One
 * group of rows is in memory at a time.
 *
 * @throws as `openFeatureFile`
 */
export async function openParquet(path: string, columns?: ColumnNames): Promise<FeatureFile> {
  const file = await openPlainFile(path, { what: 'a Parquet file' });
  try {
    return await readParquet(path, file, columns);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readParquet(path: string, file: PlainFile, wanted?: ColumnNames): Promise<FeatureFile> {
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const source = {
    byteLength: file.size,
    slice: async (start: number, end = file.size) => exactly(await file.read(start, end - start)),
  };
  const metadata = await parsed(path, () => parquetMetadataAsync(source));
  const fields = parquetSchema(metadata).children.map(fieldOf);
  const chosen = chooseTableColumns(path, fields, wanted);
  const names = [...chosen.features, ...(chosen.logits ?? []), chosen.labels, chosen.ids].filter(
    name => name !== undefined,
  );
  const groups = groupsOf(path, metadata, names.length);
  const rows = groups.at(-1)?.end ?? 0;
  let held: { readonly start: number; readonly batch: FeatureBatch } | undefined;
  const groupAt = async (position: number): Promise<NonNullable<typeof held>> => {
    const { start, end } = groups.find(group => position < group.end)!;
    if (held?.start === start) return held;
    const records = await parsed(path, () =>
      parquetReadObjects({
        file: source,
        metadata,
        columns: [...new Set(names)],
        rowStart: start,
        rowEnd: end,
        compressors,
      }),
    );
    if (records.length !== end - start)
      throw corrupt(path, `${end - start} rows in a group`, `${records.length}`);
    const block: TableBlock = Object.fromEntries(
      names.map(name => [name, records.map(record => (record as Record<string, unknown>)[name])]),
    );
    held = { start, batch: batchOfTable(path, block, { columns: chosen, start }) };
    return held;
  };
  const empty: FeatureBatch = {
    features: { rows: 0, cols: chosen.features.length, data: new Float32Array() },
    labels: new Int32Array(),
    ids: [],
    indices: new Float64Array(),
  };
  const first = rows === 0 ? empty : (await groupAt(0)).batch;
  return {
    kind: 'parquet',
    rows,
    dim: first.features.cols,
    ...(first.logits && { classes: first.logits.cols }),
    ...(isByColumn(chosen.features, fields) && { columns: chosen.features }),
    provenance: null,
    async readRows(start, end) {
      const parts: FeatureBatch[] = [];
      for (let at = start; at < end; ) {
        const group = await groupAt(at);
        const until = Math.min(end, group.start + group.batch.ids.length);
        requireWidth(path, group.batch, first, group.start);
        parts.push(sliceBatch(group.batch, at - group.start, until - group.start));
        at = until;
      }
      return parts.length === 1 ? parts[0]! : joined(parts, first);
    },
    close: () => file.close(),
  };
}

/** Whether each column holds one number of a row. */
const isByColumn = (names: readonly string[], fields: readonly TableField[]): boolean =>
  names.every(name => fields.find(field => field.name === name)?.kind === 'number');

function fieldOf({ element, children }: SchemaTree): TableField {
  const { name, type, converted_type: converted, logical_type: logical } = element;
  if (children.length === 0) {
    const isHalf = logical?.type === 'FLOAT16';
    const isTime = converted !== undefined && /DATE|TIME|INTERVAL/.test(converted);
    const isNumber = (type !== undefined && NUMBERS.includes(type) && !isTime) || isHalf;
    if (element.repetition_type === 'REPEATED') return { name, kind: isNumber ? 'list' : 'other' };
    return { name, kind: isNumber || converted === 'DECIMAL' ? 'number' : 'other' };
  }
  const isList = converted === 'LIST' || logical?.type === 'LIST';
  let inner: SchemaTree | undefined = children[0];
  while (inner !== undefined && inner.children.length > 0) inner = inner.children[0];
  const leaf = inner && fieldOf({ ...inner, element: { ...inner.element, repetition_type: 'OPTIONAL' } });
  return { name, kind: isList && leaf?.kind === 'number' ? 'list' : 'other' };
}

interface Group {
  readonly start: number;
  readonly end: number;
}

function groupsOf(
  path: string,
  { row_groups: groups, num_rows: total }: FileMetaData,
  columns: number,
): Group[] {
  const out: Group[] = [];
  let start = 0;
  for (const group of groups) {
    const rows = Number(group.num_rows);
    if (!(rows >= 0) || rows * columns > MOST_IN_GROUP)
      throw new FeaturesError('TOO_LARGE', {
        where: path,
        expected: `groups of rows of at most ${MOST_IN_GROUP} numbers`,
        got: `one of ${rows} rows of ${columns} columns`,
        advice: 'write it with smaller groups of rows (row_group_size)',
        details: { path, rows },
      });
    if (rows > 0) out.push({ start, end: start + rows });
    start += rows;
  }
  if (BigInt(start) !== total) throw corrupt(path, `${total} rows in all groups`, `${start}`);
  return out;
}

function joined(parts: readonly FeatureBatch[], first: FeatureBatch): FeatureBatch {
  const stack = (pick: (batch: FeatureBatch) => { rows: number; data: Float32Array }, cols: number) => {
    const rows = parts.reduce((sum, part) => sum + pick(part).rows, 0);
    const data = new Float32Array(rows * cols);
    let at = 0;
    for (const part of parts) {
      data.set(pick(part).data, at);
      at += pick(part).data.length;
    }
    return { rows, cols, data };
  };
  const { logits } = first;
  return {
    features: stack(part => part.features, first.features.cols),
    ...(logits && { logits: stack(part => part.logits!, logits.cols) }),
    labels: Int32Array.from(parts.flatMap(part => [...part.labels])),
    ids: parts.flatMap(part => part.ids),
    indices: Float64Array.from(parts.flatMap(part => [...part.indices])),
  };
}

function requireWidth(path: string, batch: FeatureBatch, first: FeatureBatch, row: number): void {
  for (const part of ['features', 'logits'] as const) {
    if (batch[part]?.cols === first[part]?.cols) continue;
    throw new FeaturesError('WRONG_SHAPE', {
      where: path,
      expected: `${part} of ${first[part]?.cols} numbers in each row`,
      got: `${batch[part]?.cols} from row ${row} on`,
      advice: 'write the features as lists of one length',
      details: { path, row },
    });
  }
}

/** What a reader of others gives, or the error that says what is wrong with the file. */
async function parsed<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (isOodError(cause)) throw cause;
    const refusal = systemError(cause, { where: path, expected: 'memory for a Parquet file' });
    if (refusal !== cause) throw refusal;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw corrupt(path, 'a whole Parquet file', `one that does not parse (${reason})`, cause);
  }
}

function corrupt(path: string, expected: string, got: string, cause?: unknown): FeaturesError {
  return new FeaturesError('CORRUPT_FILE', {
    where: path,
    expected,
    got,
    advice: 'write it again, or copy the file again',
    details: { path },
    cause,
  });
}

/** The bytes as a buffer of their own. */
function exactly({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer {
  const whole = buffer as ArrayBuffer;
  return byteOffset === 0 && byteLength === whole.byteLength
    ? whole
    : whole.slice(byteOffset, byteOffset + byteLength);
}
