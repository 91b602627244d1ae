import type { Matrix } from '../contract/arrays.ts';
import { describe, isFloats } from '../contract/input-rows.ts';
import { FlowsError } from '../errors.ts';

/** Rows to train on, with class labels where there are any. */
export interface LabeledMatrix extends Matrix {
  readonly labels?: Int32Array;
}

/**
 * Rows that need not fit in memory. `open` starts a new pass over all of them and must give the same rows in the same
 * order every time; how they are cut into batches is free.
 */
export interface RowStream {
  open(): AsyncIterable<LabeledMatrix> | Iterable<LabeledMatrix>;
}

/** Where training rows come from: a matrix in memory, or a stream that can be opened for every epoch. */
export type RowSource = LabeledMatrix | RowStream;

export function isStream(source: RowSource): source is RowStream {
  return 'open' in source;
}

/** @throws FlowsError `WRONG_SHAPE` for what is neither a matrix nor a stream. */
export function requireSource(source: unknown): void {
  const { open, data } = Object(source) as { open?: unknown; data?: unknown };
  if (typeof open === 'function' || data !== undefined) return;
  throw new FlowsError('WRONG_SHAPE', {
    where: 'fit',
    expected: 'rows as { rows, cols, data: Float32Array }, or a stream { open() } of such',
    got: Array.isArray(source) ? `an array of ${source.length}` : `${source === null ? null : typeof source}`,
    advice: 'put the numbers of all rows, one row after the other, into one Float32Array',
  });
}

/** One pass over the rows, each batch with the index of its first row, its shape checked. */
export async function* pass(source: RowSource): AsyncGenerator<{ start: number; batch: LabeledMatrix }> {
  let start = 0;
  let cols: number | undefined;
  let labeled: boolean | undefined;
  for await (const batch of isStream(source) ? opened(source) : [source]) {
    const where = `fit, rows from ${start} on`;
    requireMatrix(where, batch, cols);
    cols = batch.cols;
    if (batch.rows === 0) continue;
    requireLabels(where, batch, labeled);
    labeled = batch.labels !== undefined;
    yield { start, batch };
    start += batch.rows;
  }
}

function opened(stream: RowStream): AsyncIterable<LabeledMatrix> | Iterable<LabeledMatrix> {
  const batches: unknown = stream.open();
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(batches);
  if (typeof (later ?? now) === 'function') return batches as Iterable<LabeledMatrix>;
  throw new FlowsError('WRONG_SHAPE', {
    where: 'fit, open() of the stream',
    expected: 'batches that can be iterated over, e.g. of an async generator',
    got: typeof batches,
    advice: 'write it as `async *open() { yield { rows, cols, data }; }`',
  });
}

function requireMatrix(where: string, batch: unknown, before: number | undefined): void {
  const { rows, cols, data } = Object(batch) as LabeledMatrix;
  const counts = [rows, cols].every(side => Number.isSafeInteger(side) && side >= 0);
  if (counts && cols === (before ?? cols) && isFloats(data, rows * cols)) return;
  throw new FlowsError('WRONG_SHAPE', {
    where,
    expected: `rows × ${before ?? 'cols'} numbers in a Float32Array`,
    got: describe(Object(batch)),
    advice: 'give every batch of the source the same columns, row-major',
  });
}

function requireLabels(where: string, { rows, labels }: LabeledMatrix, before: boolean | undefined): void {
  const given = labels !== undefined;
  if (given === (before ?? given) && (!given || (labels instanceof Int32Array && labels.length === rows)))
    return;
  const kind = given ? `${labels.length} in ${Object(labels).constructor.name}` : 'none';
  throw new FlowsError('BAD_LABELS', {
    where,
    expected: before === false ? 'no labels, as before' : `${rows} labels in an Int32Array`,
    got: kind,
    advice: 'give one label for every row, or none at all',
  });
}
