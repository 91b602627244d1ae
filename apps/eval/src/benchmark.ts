import type { Matrix as DenseRows } from '@ood/core';

export type Group = 'near' | 'far';

/** Dense rows as the models give them. */
export type Matrix = DenseRows<Float32Array>;

/** One set of samples as a backbone sees it. */
export interface FeatureSet {
  readonly name: string;
  /** Penultimate features `[n, d]`, not normalized. */
  readonly features: Matrix;
  /** Logits `[n, classes]`, where the backbone has a head. */
  readonly logits?: Matrix;
  /** Index of the right class `[n]`, −1 where it is not known; ID sets only. */
  readonly labels?: Int32Array;
  /** Draws sample `row` for the report. */
  readonly image?: (row: number) => GrayImage;
}

/** 8-bit image, gray unless it says otherwise, row by row. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  /** 3: red, green and blue of each pixel in turn. Default 1. */
  readonly channels?: 1 | 3;
  readonly data: Uint8Array;
}

export interface OodFeatureSet extends FeatureSet {
  readonly group: Group;
}

/** What detectors are compared on: fitted on `idTrain` only, judged on `idTest` against every OOD set. */
export interface Benchmark {
  readonly name: string;
  readonly idTrain: FeatureSet;
  readonly idTest: FeatureSet;
  readonly ood: readonly OodFeatureSet[];
}

/** A fitted detector, as far as a benchmark needs it. Scores are higher for more out-of-distribution. */
export interface Scorer {
  score(set: FeatureSet): Promise<Float64Array> | Float64Array;
  close?(): Promise<void> | void;
}

/** A detector to compare: its name, one line about it, and how to fit it on ID training rows. */
export interface Contestant {
  readonly name: string;
  readonly description: string;
  fit(idTrain: FeatureSet, options: { readonly signal?: AbortSignal }): Promise<Scorer> | Scorer;
}

/** Scores of one detector on every set of a benchmark. */
export interface DetectorScores {
  readonly idTest: Float64Array;
  readonly ood: Readonly<Record<string, Float64Array>>;
}
