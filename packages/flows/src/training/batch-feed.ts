import { Checksum, permutation as randomOrder } from '@ood/core';
import { FlowsError } from '../errors.ts';
import { isStream, type LabeledMatrix, pass, type RowSource, type RowStream } from './source.ts';
import { purposeRng } from './streams.ts';
import { fingerprintOf, type Survey } from './survey.ts';

/** What a feed needs to know of its rows. */
export type SplitRows = Pick<Survey, 'rows' | 'cols' | 'trainingRows' | 'isHeldOut' | 'fingerprint'>;

/** One batch: `rows × cols` numbers that the receiver owns. */
export interface Batch {
  readonly rows: number;
  readonly data: Float32Array;
}

/** Batches of an epoch, in an order that depends on the seed and the epoch alone. */
export interface BatchFeed {
  /** Starts epoch `epoch` (from 0), leaving out its first `skip` batches. */
  open(epoch: number, skip: number): Promise<void>;
  /** The next batch, or `null` at the end of the epoch. */
  next(): Promise<Batch | null>;
  close(): Promise<void>;
}

export interface FeedOptions {
  readonly seed: number;
  readonly batchSize: number;
  readonly shuffleRows: number;
}

/** The feed of a source. Batches are full; only where there are fewer rows than one batch is there a smaller one. */
export function batchFeed(source: RowSource, survey: SplitRows, options: FeedOptions): BatchFeed {
  const batchSize = Math.min(options.batchSize, survey.trainingRows);
  const order = isStream(source)
    ? (epoch: number) => throughBuffer(source, survey, options, epoch)
    : matrixOrder(source, survey, options.seed);
  let rows: AsyncIterator<Float32Array> | Iterator<Float32Array> | undefined;
  const close = async () => {
    await rows?.return?.();
    rows = undefined;
  };
  const next = async (): Promise<Batch | null> => {
    const data = new Float32Array(batchSize * survey.cols);
    for (let i = 0; i < batchSize; i++) {
      const row = rows instanceof MatrixRows ? rows.next() : await rows?.next();
      if (!row || row.done) return null;
      data.set(row.value, i * survey.cols);
    }
    return { rows: batchSize, data };
  };
  return {
    async open(epoch, skip) {
      await close();
      rows = order(epoch);
      for (let i = 0; i < skip; i++) await next();
    },
    next,
    close,
  };
}

/** How many batches an epoch has. */
export function batchesPerEpoch(survey: SplitRows, batchSize: number): number {
  return Math.max(1, Math.floor(survey.trainingRows / batchSize));
}

class MatrixRows implements Iterator<Float32Array> {
  #at = 0;
  readonly #matrix: LabeledMatrix;
  readonly #order: Int32Array;

  constructor(matrix: LabeledMatrix, order: Int32Array) {
    this.#matrix = matrix;
    this.#order = order;
  }

  next(): IteratorResult<Float32Array> {
    if (this.#at === this.#order.length) return { done: true, value: undefined };
    const start = this.#order[this.#at++]! * this.#matrix.cols;
    return { done: false, value: this.#matrix.data.subarray(start, start + this.#matrix.cols) };
  }
}

function matrixOrder(matrix: LabeledMatrix, survey: SplitRows, seed: number): (epoch: number) => MatrixRows {
  const kept = new Int32Array(survey.trainingRows);
  let count = 0;
  for (let i = 0; i < matrix.rows; i++) if (!survey.isHeldOut(i)) kept[count++] = i;
  return epoch => {
    const order = randomOrder(kept.length, purposeRng(seed, 'shuffle', epoch));
    return new MatrixRows(
      matrix,
      order.map(i => kept[i]!),
    );
  };
}

/** Rows of a stream in a locally random order: each arriving row takes the place of a random one of the buffer. */
async function* throughBuffer(
  source: RowStream,
  survey: SplitRows,
  { seed, shuffleRows }: FeedOptions,
  epoch: number,
): AsyncGenerator<Float32Array> {
  const rng = purposeRng(seed, 'shuffle', epoch);
  const { cols } = survey;
  const size = Math.min(shuffleRows, survey.trainingRows, Math.max(1, Math.floor(2 ** 28 / (cols * 4))));
  const buffer = new Float32Array(size * cols);
  const out = new Float32Array(cols);
  let filled = 0;
  let rows = 0;
  const seen = new Checksum();
  for await (const { start, batch } of pass(source)) {
    rows = start + batch.rows;
    if (batch.cols !== cols || rows > survey.rows)
      throw changed(survey, epoch, `${rows} × ${batch.cols} and more`);
    seen.numbers(batch.data);
    for (let i = 0; i < batch.rows; i++) {
      if (survey.isHeldOut(start + i)) continue;
      const row = batch.data.subarray(i * cols, (i + 1) * cols);
      if (filled < size) {
        buffer.set(row, filled++ * cols);
        continue;
      }
      const place = rng.below(size) * cols;
      out.set(buffer.subarray(place, place + cols));
      buffer.set(row, place);
      yield out;
    }
  }
  if (rows < survey.rows) throw changed(survey, epoch, `only ${rows} rows`);
  if (fingerprintOf(survey, seen) !== survey.fingerprint) throw changed(survey, epoch, 'other numbers');
  for (const i of randomOrder(filled, rng)) yield buffer.subarray(i * cols, (i + 1) * cols);
}

function changed({ rows, cols }: SplitRows, epoch: number, got: string): FlowsError {
  return new FlowsError('UNSTABLE_SOURCE', {
    where: `fit, epoch ${epoch + 1}`,
    expected: `the ${rows} × ${cols} numbers of the first pass over the rows, in the same order`,
    got,
    advice: 'let open() of the stream give the same rows every time; fit shuffles them itself',
  });
}
