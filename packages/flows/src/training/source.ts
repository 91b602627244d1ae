import type { Matrix } from '../contract/arrays.ts';
import { describe, isFloats } from '../contract/input-rows.ts';
import { FlowsError } from '../errors.ts';

/** Rows to train on, with class labels where there are any. */
export interface LabelledRows extends Matrix {
  readonly labels?: Int32Array;
}

/**
 * Rows that need not fit in memory. `open` starts a new pass over all of them and must give the same rows in the same
 * order every time; how they are cut into batches is free.
 */
export interface RowStream {
  open(): AsyncIterable<LabelledRows> | Iterable<LabelledRows>;
}

/** Where training rows come from: a matrix in memory, or a stream that can be opened for every epoch. */
export type RowSource = LabelledRows | RowStream;

export function isStream(source: RowSource): source is RowStream {
  return 'open' in source;
}

/** @throws FlowsError `BAD_SHAPE` for what is neither a matrix nor a stream. */
export function requireSource(source: unknown): void {
  const { open, data } = Object(source) as { open?: unknown; data?: unknown };
  if (typeof open === 'function' || data !== undefined) return;
  throw new FlowsError({
    code: 'BAD_SHAPE',
    where: 'fit',
    expected: 'rows as { rows, cols, data: Float32Array }, or a stream { open() } of such',
    got: Array.isArray(source) ? `an array of ${source.length}` : `${source === null ? null : typeof source}`,
    advice: 'put the numbers of all rows, one row after the other, into one Float32Array',
  });
}

/** One pass over the rows, each batch with the index of its first row, its shape checked. */
export async function* pass(source: RowSource): AsyncGenerator<{ start: number; batch: LabelledRows }> {
  let start = 0;
  let cols: number | undefined;
  let labelled: boolean | undefined;
  for await (const batch of isStream(source) ? source.open() : [source]) {
    cols ??= batch.cols;
    if (batch.cols !== cols || !isFloats(batch.data, batch.rows * batch.cols)) {
      throw new FlowsError({
        code: 'BAD_SHAPE',
        where: `fit, rows from ${start} on`,
        expected: `rows × cols = ${batch.rows} × ${cols} numbers in a Float32Array`,
        got: describe(batch),
        advice: 'give every batch of the source the same columns, row-major',
      });
    }
    if (batch.labels && batch.labels.length !== batch.rows) {
      throw new FlowsError({
        code: 'BAD_LABELS',
        where: `fit, rows from ${start} on`,
        expected: `${batch.rows} labels`,
        got: `${batch.labels.length}`,
        advice: 'give one label for every row, or none at all',
      });
    }
    if (batch.rows === 0) continue;
    labelled ??= batch.labels !== undefined;
    if (labelled !== (batch.labels !== undefined)) {
      throw new FlowsError({
        code: 'BAD_LABELS',
        where: `fit, rows from ${start} on`,
        expected: labelled ? 'labels, as of the rows before' : 'no labels, as of the rows before',
        got: labelled ? 'none' : `${batch.rows} labels`,
        advice: 'give a label for every row, or none at all',
      });
    }
    yield { start, batch };
    start += batch.rows;
  }
}
