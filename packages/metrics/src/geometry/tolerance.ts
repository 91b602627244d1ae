import { type Matrix, rowNorms } from '@ood/core';
import { MetricsError } from '../errors.ts';
import { requireLabels, requireMatrix } from '../input/matrix.ts';

/** How closely the samples of a class agree in direction. */
export interface Tolerance {
  /** Mean over classes of the mean cosine between two different samples of the class, in [−1, 1]. */
  readonly value: number;
  /** By class, ascending; classes with fewer than two non-zero rows are absent. */
  readonly classes: readonly { readonly label: number; readonly count: number; readonly value: number }[];
  /** Rows of zeros, left out because they have no direction. */
  readonly zeroRows: number;
}

/**
 * Tolerance of `features` `[samples, dim]` as in the FDE paper: the mean over classes of the mean within-class cosine over pairs i < j.
 *
 * Exact without visiting pairs: Σ cos over pairs = (‖Σ zᵢ‖² − n) / 2, so n · dim steps.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_VALUE`; `TOO_FEW` when no class has two rows
 * @see Wang & Liu (2021), CVPR; Cook, Lavoie & Waslander (2024), CRV
 */
export function tolerance(features: Matrix, labels: ArrayLike<number>): Tolerance {
  requireMatrix('tolerance', 'features', features);
  requireLabels('tolerance', features, labels);
  const { rows, cols, data } = features;
  const norms = rowNorms(features);
  const groups = new Map<number, { sum: Float64Array; count: number }>();
  let zeroRows = 0;
  for (let row = 0; row < rows; row++) {
    if (norms[row] === 0) {
      zeroRows++;
      continue;
    }
    let group = groups.get(labels[row]!);
    if (group === undefined) groups.set(labels[row]!, (group = { sum: new Float64Array(cols), count: 0 }));
    group.count++;
    for (let k = 0; k < cols; k++) group.sum[k]! += data[row * cols + k]! / norms[row]!;
  }
  const classes = [...groups]
    .filter(([, { count }]) => count > 1)
    .sort(([a], [b]) => a - b)
    .map(([label, { sum, count }]) => {
      const squared = sum.reduce((total, s) => total + s * s, 0);
      return { label, count, value: (squared - count) / (count * (count - 1)) };
    });
  if (classes.length === 0) {
    throw new MetricsError('TOO_FEW', {
      where: 'tolerance',
      expected: 'a class with at least two non-zero rows',
      got: `${groups.size} classes in ${rows} rows, none with two`,
      advice: 'tolerance is about pairs within a class; add samples',
      details: { rows, classes: groups.size },
    });
  }
  return { value: classes.reduce((sum, c) => sum + c.value / classes.length, 0), classes, zeroRows };
}
