import type { Matrix } from './matrix.ts';

/** What a backbone says of `n` inputs. */
export interface Rows {
  /** Penultimate features `[n, d]`, not normalised. */
  readonly features?: Matrix | undefined;
  /** Logits `[n, classes]`, before any softmax. */
  readonly logits?: Matrix | undefined;
}

/** In-distribution rows to fit on. */
export interface LabeledRows extends Rows {
  /** Index of the right class `[n]`. */
  readonly labels?: Int32Array | undefined;
}

/** Rows that need not fit into memory: opened once a pass, each time the same rows in the same order. */
export interface RowStream<Batch = LabeledRows> {
  open(): AsyncIterable<Batch> | Iterable<Batch>;
}
