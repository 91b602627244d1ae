import type { LabeledRows, Matrix, RowStream } from '@ood/core';
/** ID rows to fit on, in memory or to be streamed. */
export type TrainingSource = LabeledRows | RowStream;

/** The classifier's last layer: `logits = features · weightsᵀ + bias`, as `@ood/features` finds it in a model. */
export interface Head {
  /** `[classes, d]` */
  readonly weights: Matrix;
  /** `[classes]` */
  readonly bias: Float32Array | Float64Array;
  /**
   * Columns of the feature rows where other layers stand behind the `weights.cols` that the head reads (`layers` of `openBackbone`).
   * Methods that read features as the head does take those alone, densities the whole row. Absent: `weights.cols`.
   */
  readonly featureSize?: number | undefined;
}

/** What a detector can ask for. */
export type Need = 'features' | 'logits' | 'labels' | 'head';

/** What a fitted detector reads of each row. */
export type Reading = 'features' | 'logits';
