/** Row-major `[rows, cols]` matrix of finite numbers. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array | Float64Array;
}

/** What a backbone says of `n` inputs; which of it a detector needs is in its description. */
export interface Rows {
  /** Penultimate features `[n, d]`, not normalised. */
  readonly features?: Matrix;
  /** Logits `[n, classes]`, before any softmax. */
  readonly logits?: Matrix;
}

/** ID rows to fit on. */
export interface TrainingRows extends Rows {
  /** Index of the right class `[n]`. Where a method needs classes and none are given, the argmax of the logits stands in. */
  readonly labels?: Int32Array;
}

/** The classifier's last layer: `logits = features · weightᵀ + bias`. */
export interface Head {
  /** `[classes, d]` */
  readonly weight: Matrix;
  /** `[classes]` */
  readonly bias: Float32Array | Float64Array;
}

/** What a detector can ask for. */
export type Need = 'features' | 'logits' | 'labels' | 'head';
