/** Row-major `[rows, cols]` matrix of finite numbers. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array | Float64Array;
}

/** What a backbone says of `n` inputs; which of it a detector reads is in its description. */
export interface Rows {
  /** Penultimate features `[n, d]`, not normalised. */
  readonly features?: Matrix;
  /** Logits `[n, classes]`, before any softmax. */
  readonly logits?: Matrix;
}

/** ID rows to fit on. */
export interface TrainingRows extends Rows {
  /** Index of the right class `[n]`. Where a method needs classes and none are given, the head's predictions stand in. */
  readonly labels?: Int32Array;
}

/** ID rows that need not fit into memory: opened once per pass, each time the same rows in the same order. */
export interface TrainingStream {
  open(): AsyncIterable<TrainingRows> | Iterable<TrainingRows>;
}

export type TrainingSource = TrainingRows | TrainingStream;

/** The classifier's last layer: `logits = features · weightsᵀ + bias`, as `@ood/features` finds it in a model. */
export interface Head {
  /** `[classes, d]` */
  readonly weights: Matrix;
  /** `[classes]` */
  readonly bias: Float32Array | Float64Array;
}

/** What a detector can ask for. */
export type Need = 'features' | 'logits' | 'labels' | 'head';

/** What a fitted detector reads of each row. */
export type Reading = 'features' | 'logits';
