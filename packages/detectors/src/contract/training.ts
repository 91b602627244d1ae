import { firstColumns, type LabeledRows, type Matrix, type RowStream, throwIfAborted } from '@ood/core';
import { DetectorsError } from '../errors.ts';
import type { Products } from '../linear-algebra/products.ts';
import { requireLabels, requireMatrix } from './check-rows.ts';
import type { Head, Need, TrainingSource } from './rows.ts';

/** Numbers in one block of features. */
const BLOCK_NUMBERS = 1 << 20;

/** Checked rows of one block; what the method does not need is empty. */
export interface Block {
  readonly count: number;
  readonly features: Matrix;
  readonly logits: Matrix;
  /** Class of each row; see `Training.labels`. */
  readonly labels: Int32Array;
}

/** The ID rows during a fit: checked, in blocks, as often as wanted. */
export interface Training {
  /** Name of the method, for errors. */
  readonly where: string;
  blocks(): AsyncGenerator<Block>;
  /** Where classes came from, once a block was read. */
  labels(): 'given' | 'predicted' | undefined;
  /** Columns and rows seen by the first complete pass. */
  seen(): { readonly features?: number; readonly logits?: number; readonly rows: number };
}

export interface TrainingOptions {
  readonly where: string;
  readonly needs: readonly Need[];
  readonly head?: Head;
  /** The columns of the features that the method reads, if not all. */
  readonly part?: { readonly of: number; readonly take: number };
  readonly products: Products;
  readonly signal?: AbortSignal;
  readonly onRows?: (rows: number) => void;
}

/**
 * The rows of a source for a fit. Logits that a method needs and the rows lack are computed from the head; labels that
 * are missing are the argmax of the logits.
 */
export function openTraining(source: TrainingSource, options: TrainingOptions): Training {
  const { where, needs, part: read, signal, onRows } = options;
  const wants = (need: Need) => needs.includes(need);
  let labels: 'given' | 'predicted' | undefined;
  let seen: { features?: number; logits?: number; rows: number } = { rows: 0 };
  let total = 0;

  const penultimate = (features: Matrix) => (read ? firstColumns(features, read.take) : features);

  async function* blocks(): AsyncGenerator<Block> {
    let rows = 0;
    for await (const part of open(source)) {
      for (const slice of slices(where, part)) {
        throwIfAborted(where, signal);
        const block = await check(slice, rows);
        if (block.count === 0) continue;
        rows += block.count;
        onRows?.((total += block.count));
        yield block;
      }
    }
    if (rows === 0) throw noRows(where);
    if (seen.rows !== 0 && seen.rows !== rows) throw changed(where, seen.rows, rows);
    seen = { ...seen, rows };
  }

  async function check(part: LabeledRows, firstRow: number): Promise<Block> {
    const features = wants('features')
      ? penultimate(requireMatrix(where, part, 'features', { cols: read?.of ?? seen.features, firstRow }))
      : EMPTY;
    const hasLabels = part.labels !== undefined;
    const needsLogits = wants('logits') || (wants('labels') && !hasLabels);
    const given = needsLogits ? await withLogits(part, options) : part;
    const logits =
      wants('logits') || (needsLogits && given.logits !== undefined)
        ? requireMatrix(where, given, 'logits', { cols: seen.logits, firstRow })
        : EMPTY;
    if (wants('labels')) labels = hasLabels ? 'given' : 'predicted';
    const count = (part.features ?? part.logits)!.rows;
    if (wants('features')) seen = { ...seen, features: features.cols };
    if (wants('logits')) seen = { ...seen, logits: logits.cols };
    return {
      count,
      features,
      logits,
      labels: wants('labels') ? requireLabels(where, { ...given, logits: given.logits }, count) : NONE,
    };
  }

  return { where, blocks, labels: () => labels, seen: () => seen };
}

/** Rows with logits, from the head where they have none of their own. */
async function withLogits(
  rows: LabeledRows,
  { where, head, products }: TrainingOptions,
): Promise<LabeledRows> {
  if (rows.logits !== undefined || head === undefined || rows.features === undefined) return rows;
  const { featureSize = head.weights.cols } = head;
  const features = requireMatrix(where, rows, 'features', { cols: featureSize });
  return { ...rows, logits: await applyHead(head, firstColumns(features, head.weights.cols), products) };
}

/** W f + b of every row, float64. */
export async function applyHead(
  { weights, bias }: Head,
  features: Matrix,
  products: Products,
): Promise<Matrix> {
  const data = await products.multiplyTransposed(
    new Float64Array(features.data),
    new Float64Array(weights.data),
    weights.cols,
  );
  for (let i = 0; i < data.length; i++) data[i]! += bias[i % weights.rows]!;
  return { rows: features.rows, cols: weights.rows, data };
}

function open(source: TrainingSource): AsyncIterable<LabeledRows> | Iterable<LabeledRows> {
  return isStream(source) ? source.open() : [source];
}

export function isStream(source: TrainingSource): source is RowStream {
  return typeof (source as Partial<RowStream>).open === 'function';
}

/** Views of at most `BLOCK_NUMBERS` numbers each. */
function* slices(where: string, rows: LabeledRows): Generator<LabeledRows> {
  const { features, logits, labels } = rows;
  // Nothing to count by: what is missing is said where it is read.
  if (features === undefined && logits === undefined) return yield rows;
  const count = (features ?? logits)!.rows;
  for (const [name, got] of [
    ['logits', logits?.rows],
    ['labels', labels?.length],
  ] as const) {
    if (got === undefined || got === count) continue;
    throw new DetectorsError('WRONG_SHAPE', {
      where,
      expected: name === 'labels' ? `one label for each of ${count} rows` : `${name} of ${count} rows`,
      got: `${got} ${name === 'labels' ? 'labels' : 'rows'}`,
    });
  }
  const widest = Math.max(features?.cols ?? 1, logits?.cols ?? 1, 1);
  const step = Math.max(256, Math.min(1 << 14, Math.floor(BLOCK_NUMBERS / widest)));
  if (count <= step) return yield rows;
  for (let start = 0; start < count; start += step) {
    const end = Math.min(count, start + step);
    yield {
      ...(features && { features: view(features, start, end) }),
      ...(logits && { logits: view(logits, start, end) }),
      ...(labels && { labels: labels.subarray(start, end) }),
    };
  }
}

function view({ cols, data }: Matrix, start: number, end: number): Matrix {
  return { rows: end - start, cols, data: data.subarray(start * cols, end * cols) };
}

const EMPTY: Matrix = { rows: 0, cols: 0, data: new Float64Array(0) };
const NONE = new Int32Array(0);

export function noRows(where: string): DetectorsError {
  return new DetectorsError('EMPTY_INPUT', { where, expected: 'at least one ID row to fit on', got: 'none' });
}

function changed(where: string, before: number, now: number): DetectorsError {
  return new DetectorsError('WRONG_SHAPE', {
    where,
    expected: `a source that gives the same rows each time it is opened, ${before} at first`,
    got: `${now} rows`,
    advice: 'let `open` start from the beginning',
  });
}
