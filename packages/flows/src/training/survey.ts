import { Checksum } from '@ood/core';
import { FlowsError } from '../errors.ts';
import { BoundedSample } from './bounded-sample.ts';
import { isStream, type LabeledMatrix, pass, type RowSource } from './source.ts';
import { rowHash } from './streams.ts';

export interface SurveyOptions {
  readonly seed: number;
  readonly validationFraction: number;
  readonly validationRows: number;
  readonly signal?: AbortSignal;
}

/** What one pass over the rows tells before training starts. */
export interface Survey {
  readonly cols: number;
  readonly rows: number;
  /** Rows left to train on. */
  readonly trainingRows: number;
  readonly validation: LabeledMatrix;
  /** Whether row `index` is held out. */
  readonly isHeldOut: (index: number) => boolean;
  /** A uniform sample of the training rows, for presets that look at the data. */
  readonly sample: LabeledMatrix;
  /** Identifies the rows and their order. */
  readonly fingerprint: string;
}

const sampleBytes = 2 ** 28;
const namedRows = 5;

/** Most rows in the sample: 50,000, fewer where they would exceed 256 MB. */
function sampleRows(cols: number): number {
  return Math.min(50_000, Math.max(1_000, Math.floor(sampleBytes / (cols * 4))));
}

/**
 * Passes once over the source: counts rows, refuses those that are not finite, holds out validation rows, draws the
 * sample, all in bounded memory. Which rows are held out depends on the seed and the rows' indices alone; a matrix is split
 * in exactly the share asked for, a stream, whose length is not known, in about that.
 *
 * @throws FlowsError `EMPTY_INPUT`, `NON_FINITE` with the count and the first row numbers, `WRONG_SHAPE`, `BAD_LABELS`.
 */
export async function survey(source: RowSource, options: SurveyOptions): Promise<Survey> {
  const { seed, validationFraction, validationRows, signal } = options;
  const share = isStream(source) ? validationFraction : exactShare(source.rows, options);
  let heldOut: BoundedSample | undefined;
  let sample: BoundedSample | undefined;
  let rows = 0;
  let cols = 0;
  let labeled = true;
  const bad = { count: 0, first: [] as number[] };
  const fingerprint = new Checksum();
  const least = { hash: Number.POSITIVE_INFINITY, row: new Float32Array(), label: 0 };
  for await (const { start, batch } of pass(source)) {
    signal?.throwIfAborted();
    cols = batch.cols;
    labeled &&= batch.labels !== undefined;
    const most = isStream(source) ? Number.POSITIVE_INFINITY : source.rows;
    heldOut ??= new BoundedSample({ share, limit: Math.min(validationRows, most), cols });
    sample ??= new BoundedSample({ share: 1, limit: Math.min(sampleRows(cols), most), cols });
    for (let i = 0; i < batch.rows; i++) {
      const row = batch.data.subarray(i * cols, (i + 1) * cols);
      const index = start + i;
      const sum = sumOf(row);
      if (!Number.isFinite(sum) && !row.every(Number.isFinite)) {
        bad.count++;
        if (bad.first.length < namedRows) bad.first.push(index);
      }
      const label = batch.labels?.[i] ?? 0;
      const split = rowHash(seed, 'split', index);
      if (split < least.hash) Object.assign(least, { hash: split, row: row.slice(), label });
      if (heldOut.has(split)) heldOut.offer(split, row, label);
      else sample.offer(rowHash(seed, 'sample', index), row, label);
    }
    fingerprint.numbers(batch.data);
    rows += batch.rows;
  }
  refuse(rows, cols, bad);
  // A share too small for a stream of this length: one row at least, as of a matrix.
  const none = share > 0 && rows > 1 && !heldOut!.has(least.hash);
  if (none) heldOut = holdingOut(least, cols);
  const validation = heldOut!.rows(labeled);
  if (rows - validation.rows < 1) throw empty(`${rows} rows, all held out`);
  const { threshold } = heldOut!;
  return {
    cols,
    rows,
    trainingRows: rows - validation.rows,
    validation,
    isHeldOut: index => rowHash(seed, 'split', index) < threshold,
    sample: sample!.rows(labeled),
    fingerprint: fingerprintOf({ rows, cols }, fingerprint),
  };
}

/** What identifies rows and their order. */
export function fingerprintOf(
  size: { readonly rows: number; readonly cols: number },
  numbers: Checksum,
): string {
  return `${size.rows}x${size.cols}-${numbers.digest()}`;
}

/** The threshold below which lie the hashes of exactly the share of rows asked for, at least one. */
function exactShare(rows: number, { seed, validationFraction, validationRows }: SurveyOptions): number {
  if (validationFraction === 0 || rows < 2) return 0;
  const count = Math.min(Math.max(1, Math.round(validationFraction * rows)), validationRows, rows - 1);
  return Float64Array.from({ length: rows }, (_, i) => rowHash(seed, 'split', i)).sort()[count]!;
}

function sumOf(row: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i]!;
  return sum;
}

function refuse(rows: number, cols: number, bad: { count: number; first: number[] }): void {
  if (rows === 0 || cols === 0) throw empty(`${rows} rows of ${cols} numbers`);
  if (bad.count === 0) return;
  const rest = bad.count > bad.first.length ? ', …' : '';
  throw new FlowsError('NON_FINITE', {
    where: 'fit',
    expected: 'finite numbers only',
    got: `${bad.count} of ${rows} rows with NaN or infinity (rows ${bad.first.join(', ')}${rest})`,
    advice: 'find out where they come from, and leave those rows out',
  });
}

function empty(got: string): FlowsError {
  return new FlowsError('EMPTY_INPUT', {
    where: 'fit',
    expected: 'at least one row to train on',
    got,
    advice: 'pass the features of in-distribution data',
  });
}

/** A sample of one row, and no other. */
function holdingOut(
  { hash, row, label }: { hash: number; row: Float32Array; label: number },
  cols: number,
): BoundedSample {
  const one = new BoundedSample({ share: hash + 2 ** -33, limit: 1, cols });
  one.offer(hash, row, label);
  return one;
}
