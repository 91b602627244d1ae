import type { Need, Rows } from './rows.ts';

/** What a detector is. */
export interface DetectorDescription {
  /** Name in tables and files: `mahalanobis++`. */
  readonly name: string;
  readonly title: string;
  /** Authors, year, title or venue. */
  readonly paper: string;
  /** What it reads of each row when it scores. */
  readonly needs: readonly Need[];
  /** Hyper-parameters, defaults included. */
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
}

export interface ScoreOptions {
  readonly signal?: AbortSignal;
}

/** A fitted detector. There is no unfitted one: fitting returns it. */
export interface Detector {
  describe(): DetectorDescription;
  /**
   * Scores `[n]`, higher for more out-of-distribution, in the method's own units.
   *
   * @throws DetectorsError `MISSING_INPUT`, `WRONG_SHAPE`, `NON_FINITE` (with the count and the first row)
   */
  score(rows: Rows, options?: ScoreOptions): Promise<Float64Array>;
  /** Frees native memory; the detector cannot be used afterwards. */
  close(): Promise<void>;
}
