import type { Matrix } from '../contract/rows.ts';

/** Means per class and the covariance within classes. */
export interface ClassStatistics {
  /** `[classes present, d]`, in the order of their indices. */
  readonly means: Matrix & { readonly data: Float64Array };
  /** Tied within-class covariance `[d, d]`, divisor n. */
  readonly covariance: Float64Array;
}

/** Class means and the tied covariance (1/n) Σ (f − μ_c)(f − μ_c)ᵀ in float64. Classes without rows are left out. */
export function classStatistics(features: Matrix, classes: Int32Array): ClassStatistics {
  const { rows, cols, data } = features;
  const present = [...new Set(classes)].sort((a, b) => a - b);
  const slot = new Map(present.map((label, index) => [label, index]));
  const means = new Float64Array(present.length * cols);
  const counts = new Float64Array(present.length);
  for (let row = 0; row < rows; row++) {
    const c = slot.get(classes[row])!;
    counts[c]++;
    for (let i = 0; i < cols; i++) means[c * cols + i] += data[row * cols + i];
  }
  for (let c = 0; c < present.length; c++) {
    for (let i = 0; i < cols; i++) means[c * cols + i] /= counts[c];
  }
  const covariance = new Float64Array(cols * cols);
  const centred = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    const c = slot.get(classes[row])!;
    for (let i = 0; i < cols; i++) centred[i] = data[row * cols + i] - means[c * cols + i];
    for (let i = 0; i < cols; i++) {
      const value = centred[i] / rows;
      if (value === 0) continue;
      for (let j = 0; j <= i; j++) covariance[i * cols + j] += value * centred[j];
    }
  }
  for (let i = 0; i < cols; i++) {
    for (let j = i + 1; j < cols; j++) covariance[i * cols + j] = covariance[j * cols + i];
  }
  return { means: { rows: present.length, cols, data: means }, covariance };
}
