import type { LabelledRows } from './source.ts';

interface Kept {
  readonly hash: number;
  readonly row: Float32Array;
  readonly label: number;
}

/**
 * A uniform sample of a stream of unknown length in bounded memory: the rows whose hash is below a threshold, which is
 * halved whenever there are too many. The rows that remain are those below the final threshold, in the stream's order.
 */
export class BoundedSample {
  #kept: Kept[] = [];
  #threshold: number;
  readonly #limit: number;

  constructor(share: number, limit: number) {
    this.#threshold = share;
    this.#limit = limit;
  }

  /** A row with this hash belongs to the sample (for good, once all rows have been offered). */
  has(hash: number): boolean {
    return hash < this.#threshold;
  }

  offer(hash: number, row: Float32Array, label: number): void {
    if (!this.has(hash)) return;
    this.#kept.push({ hash, row: row.slice(), label });
    while (this.#kept.length > this.#limit) {
      this.#threshold /= 2;
      this.#kept = this.#kept.filter(kept => this.has(kept.hash));
    }
  }

  get threshold(): number {
    return this.#threshold;
  }

  /** The sample as one matrix; the rows are released on the way. */
  take(cols: number, labelled: boolean): LabelledRows {
    const rows = this.#kept.length;
    const data = new Float32Array(rows * cols);
    const labels = new Int32Array(rows);
    for (const [i, kept] of this.#kept.entries()) {
      data.set(kept.row, i * cols);
      labels[i] = kept.label;
    }
    this.#kept = [];
    return labelled ? { rows, cols, data, labels } : { rows, cols, data };
  }
}
