import { type Matrix, requireFiniteRows, requireShape } from '@ood/core';
import { MetricsError } from '../errors.ts';
import { requireList, requireSameLength } from './scores.ts';

/** Throws unless the matrix has rows and columns, the right number of entries, and finite ones. */
export function requireMatrix(where: string, name: string, matrix: Matrix): void {
  requireShape(where, name, matrix);
  requireFiniteRows(where, name, matrix);
}

/** Throws unless there is one non-negative integer label per row, below `classes`. */
export function requireLabels(
  where: string,
  matrix: Matrix,
  labels: ArrayLike<number>,
  classes = Number.POSITIVE_INFINITY,
): void {
  requireList(where, 'labels', labels);
  requireSameLength(where, ['rows', matrix.rows], ['labels', labels.length]);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (Number.isSafeInteger(label) && label >= 0 && label < classes) continue;
    throw new MetricsError('INVALID_VALUE', {
      where,
      expected: `labels as integers from 0${classes === Number.POSITIVE_INFINITY ? '' : ` to ${classes - 1}`}`,
      got: `${String(label)} at index ${i}`,
      advice: 'pass the column of the right class for each row',
      details: { index: i, value: label },
    });
  }
}

/** Throws when an entry is too large to be squared in float64; no float32 value is. */
export function requireSquarable(where: string, name: string, { data }: Matrix): void {
  if (data instanceof Float32Array) return;
  const index = data.findIndex(value => Math.abs(value) > 1e150);
  if (index < 0) return;
  throw new MetricsError('INVALID_VALUE', {
    where,
    expected: `entries of ${name}.data of at most 1e150, whose squares are numbers`,
    got: `${data[index]} at index ${index}`,
    advice: 'divide the features by a constant',
    details: { name, index, value: data[index] },
  });
}
