import type { Rows } from '@ood/core';
import type { Need, Reading } from './rows.ts';

/** A hyper-parameter; `undefined` where the value follows from the data. */
export type OptionValue = number | string | boolean | undefined;

/** What a detector is. */
export interface DetectorDescription {
  /** Name in tables and files: `mahalanobis++`. */
  readonly name: string;
  readonly title: string;
  /** Authors, year, title or venue. */
  readonly paper: string;
  /** What fitting takes. */
  readonly needs: readonly Need[];
  /** What scoring reads of each row. */
  readonly reads: readonly Reading[];
  /** Columns of each matrix that it reads, where fitting fixed them. */
  readonly widths: Readonly<Partial<Record<Reading, number>>>;
  /** Hyper-parameters, defaults included. */
  readonly parameters: Readonly<Record<string, OptionValue>>;
  /** Single numbers found by fitting: thresholds, temperatures, ranks, the number of rows. */
  readonly fitted: Readonly<Record<string, number>>;
  /** Where classes came from, if any were used: the labels given, or the head's predictions. */
  readonly labels?: 'given' | 'predicted';
  /** What to know before trusting the scores: too few rows for the features, an optimum at its bound. Usually empty. */
  readonly warnings: readonly string[];
  /** Threads that it was fitted on: the last digits depend on them, and all of a flow's training. */
  readonly threads?: number | undefined;
}

export interface ScoreOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Names in the exported graph. */
export interface ToOnnxOptions {
  /** Input `[batch, d]`, present if the detector reads features. Default `'features'`. */
  readonly features?: string;
  /** Input `[batch, classes]`, present if it reads logits. Default `'logits'`. */
  readonly logits?: string;
  /** Output `[batch]`, higher for more out-of-distribution. Default `'score'`. */
  readonly score?: string;
  /** Version of the ONNX operator set, 17 or later. Default 17. */
  readonly opset?: number;
}

/** A fitted detector. There is no unfitted one: fitting returns it. */
export interface Detector {
  describe(): DetectorDescription;
  /**
   * Scores `[n]`, higher for more out-of-distribution, in the method's own units.
   *
   * @throws DetectorsError `MISSING_INPUT`, `WRONG_SHAPE`, `NON_FINITE` (rows, with the count and the first; or scores, of rows too extreme for the method), `CLOSED`
   */
  score(rows: Rows, options?: ScoreOptions): Promise<Float64Array>;
  /** The bytes of a file that `decodeDetector` reads. */
  encode(): Uint8Array;
  /**
   * The score as an ONNX model in float32, weights baked in, any batch size.
   *
   * @throws DetectorsError `NOT_EXPORTABLE` where scoring is a search over too large a bank
   */
  toOnnx(options?: ToOnnxOptions): Promise<Uint8Array>;
  /** Frees native memory; the detector cannot be used afterwards. */
  close(): Promise<void>;
}
