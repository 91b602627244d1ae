import type { LabeledMatrix } from './source.ts';

export interface SampleSize {
  /** Share of the rows that is wanted. */
  readonly share: number;
  /** Most rows to keep. */
  readonly limit: number;
  readonly cols: number;
}

/** Room that is taken at once: the system gives no memory before it is written. */
const BYTES_AT_FIRST = 2 ** 28;

/**
 * A uniform sample of a stream of unknown length in bounded memory: the rows whose hash is below a threshold, which is
 * halved whenever there are too many. The rows that remain are those below the final threshold, in the stream's order.
 */
export class BoundedSample {
  #rows = 0;
  #threshold: number;
  readonly #limit: number;
  readonly #cols: number;
  #hashes: Float64Array;
  #labels: Int32Array;
  #data: Float32Array;

  constructor({ share, limit, cols }: SampleSize) {
    this.#threshold = share;
    this.#limit = limit;
    this.#cols = cols;
    const room = Math.min(limit, Math.ceil(BYTES_AT_FIRST / (4 * cols + 12)));
    this.#hashes = new Float64Array(room);
    this.#labels = new Int32Array(room);
    this.#data = new Float32Array(room * cols);
  }

  /** A row with this hash belongs to the sample (for good, once all rows have been offered). */
  has(hash: number): boolean {
    return hash < this.#threshold;
  }

  offer(hash: number, row: Float32Array, label: number): void {
    while (this.has(hash) && this.#rows === this.#limit) this.#halve();
    if (!this.has(hash)) return;
    if (this.#rows === this.#hashes.length) this.#grow();
    this.#hashes[this.#rows] = hash;
    this.#labels[this.#rows] = label;
    this.#data.set(row, this.#rows * this.#cols);
    this.#rows++;
  }

  get threshold(): number {
    return this.#threshold;
  }

  /** The sample as one matrix. */
  rows(labeled: boolean): LabeledMatrix {
    const rows = this.#rows;
    const data = this.#data.subarray(0, rows * this.#cols);
    return labeled
      ? { rows, cols: this.#cols, data, labels: this.#labels.subarray(0, rows) }
      : { rows, cols: this.#cols, data };
  }

  #grow(): void {
    const room = Math.min(this.#limit, 2 * this.#rows);
    const larger = <T extends Float64Array | Int32Array | Float32Array>(array: T, length: number): T => {
      const copy = new (array.constructor as new (length: number) => T)(length);
      copy.set(array);
      return copy;
    };
    this.#hashes = larger(this.#hashes, room);
    this.#labels = larger(this.#labels, room);
    this.#data = larger(this.#data, room * this.#cols);
  }

  #halve(): void {
    this.#threshold /= 2;
    let kept = 0;
    for (let i = 0; i < this.#rows; i++) {
      if (!this.has(this.#hashes[i]!)) continue;
      this.#hashes[kept] = this.#hashes[i]!;
      this.#labels[kept] = this.#labels[i]!;
      this.#data.copyWithin(kept * this.#cols, i * this.#cols, (i + 1) * this.#cols);
      kept++;
    }
    this.#rows = kept;
  }
}
