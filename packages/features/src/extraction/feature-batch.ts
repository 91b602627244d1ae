import type { Matrix } from '@ood/core';
import type { Failure } from './sample.ts';

/** Rows in the order of the source. */
export interface FeatureBatch {
  /** `[rows, d]` */
  readonly features: Matrix<Float32Array>;
  /** `[rows, classes]` */
  readonly logits?: Matrix<Float32Array>;
  /** Other outputs of the model by name, `[rows, k]` each. */
  readonly extra?: Readonly<Record<string, Matrix<Float32Array>>>;
  /** −1 where a sample has no label. */
  readonly labels: Int32Array;
  readonly ids: readonly string[];
  /** Positions in the source, counted over all shards. */
  readonly indices: Float64Array;
}

/** A batch as extraction yields it. */
export interface ExtractedBatch extends FeatureBatch {
  /** Samples up to the end of this batch, and after the one before, that gave no row. */
  readonly failures: readonly Failure[];
}

/** Each of the other outputs, changed. */
export function mapExtra(
  extra: NonNullable<FeatureBatch['extra']>,
  change: (matrix: Matrix<Float32Array>, name: string) => Matrix<Float32Array>,
): NonNullable<FeatureBatch['extra']> {
  return Object.fromEntries(Object.entries(extra).map(([name, matrix]) => [name, change(matrix, name)]));
}
