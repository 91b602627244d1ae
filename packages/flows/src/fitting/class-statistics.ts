import type { Runtime } from '@ood/onnx';
import type { Matrix } from '../contract/arrays.ts';
import { requireRows } from '../contract/input-rows.ts';
import { FlowsError } from '../errors.ts';
import { gramMatrix } from '../linear-algebra/matrix-products.ts';

/** Rows summed up class by class. Classes are 0 … classes − 1. */
export interface ClassStatistics {
  readonly classes: number;
  readonly counts: Int32Array;
  /** `[classes, cols]`. */
  readonly means: Float64Array;
  /** Mean of all rows. */
  readonly mean: Float64Array;
}

/** Labels as 0 … classes − 1 in the order of their values; classes without rows do not exist. */
export function compactLabels(labels: Int32Array): { readonly labels: Int32Array; readonly classes: number } {
  const values = [...new Set(labels)].sort((a, b) => a - b);
  const index = new Map(values.map((value, i) => [value, i]));
  return { labels: Int32Array.from(labels, label => index.get(label)!), classes: values.length };
}

/**
 * Means of rows by class, in float64.
 *
 * @param labels 0 … classes − 1, one for every row, each class at least once.
 * @throws FlowsError `EMPTY_INPUT` without rows, `WRONG_SHAPE` for a torn matrix, `NON_FINITE`, `BAD_LABELS` where labels and
 *   rows do not match.
 */
export function classStatistics(
  { rows, cols, data }: Matrix,
  labels: Int32Array,
  classes: number,
): ClassStatistics {
  if (rows === 0) {
    throw new FlowsError('EMPTY_INPUT', {
      where: 'classStatistics',
      expected: 'one or more rows',
      got: 'none',
      advice: 'pass the features of the training set',
    });
  }
  requireRows('classStatistics', { rows, cols, data }, cols);
  if (labels.length !== rows) {
    throw new FlowsError('BAD_LABELS', {
      where: 'classStatistics',
      expected: `one label for each of ${rows} rows`,
      got: `${labels.length} labels`,
      advice: 'pass the labels of the same samples, or none at all',
    });
  }
  const counts = new Int32Array(classes);
  const means = new Float64Array(classes * cols);
  const mean = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    const k = labels[i]!;
    counts[k]!++;
    for (let j = 0; j < cols; j++) {
      means[k * cols + j]! += data[i * cols + j]!;
      mean[j]! += data[i * cols + j]!;
    }
  }
  for (let k = 0; k < classes; k++) for (let j = 0; j < cols; j++) means[k * cols + j]! /= counts[k]!;
  for (let j = 0; j < cols; j++) mean[j]! /= rows;
  return { classes, counts, means, mean };
}

/** Covariance (divisor n) of rows around given centers: one for all rows, or one per class; float64. */
export async function covarianceAround(
  { rows, cols, data }: Matrix,
  centers: Float64Array,
  { labels, runtime }: { readonly labels?: Int32Array; readonly runtime: Runtime },
): Promise<Float64Array> {
  const centered = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    const from = (labels?.[i] ?? 0) * cols;
    for (let j = 0; j < cols; j++) centered[i * cols + j] = data[i * cols + j]! - centers[from + j]!;
  }
  const gram = await gramMatrix(centered, cols, runtime);
  return gram.map(sum => sum / rows);
}

/**
 * (1 − share) Σ + share · (tr Σ / dim) I (Ledoit and Wolf's target, with a fixed share).
 *
 * @throws FlowsError `SINGULAR_COVARIANCE` where there is no variance at all to shrink.
 */
export function shrink(covariance: Float64Array, dim: number, share: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < dim; i++) trace += covariance[i * dim + i]!;
  if (trace === 0) {
    throw new FlowsError('SINGULAR_COVARIANCE', {
      where: 'covariance',
      expected: 'rows that differ within their classes',
      got: 'rows that are all the same in each class',
      advice: 'pass more rows, or give fewer classes or clusters than there are distinct rows',
    });
  }
  return covariance.map(
    (value, at) => (1 - share) * value + (at % (dim + 1) === 0 ? (share * trace) / dim : 0),
  );
}
