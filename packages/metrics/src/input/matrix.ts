import { MetricsError } from '../errors.ts';
import { requireFinite, requireList, requireSameLength } from './scores.ts';

/** A dense row-major matrix as plain data: one row per sample. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array | Float64Array;
}

/** Throws unless the matrix has rows and columns, the right number of entries, and finite ones. */
export function requireMatrix(where: string, name: string, matrix: Matrix): void {
  const { rows, cols, data } = (matrix ?? {}) as Partial<Matrix>;
  if (rows === undefined || cols === undefined || !ArrayBuffer.isView(data)) {
    throw new MetricsError('SHAPE_MISMATCH', {
      where,
      expected: `${name} as { rows, cols, data } with data a Float32Array or Float64Array`,
      got: Array.isArray(matrix) ? 'an array' : `${typeof matrix}, data ${typeof data}`,
      advice: 'lay the rows one after the other, e.g. data: Float32Array.from(rows.flat())',
      data: { name },
    });
  }
  const whole = Number.isSafeInteger(rows) && Number.isSafeInteger(cols);
  if (!whole || rows < 0 || cols < 0 || rows * cols !== data.length) {
    throw new MetricsError('SHAPE_MISMATCH', {
      where,
      expected: `${name}.data to hold rows × cols numbers`,
      got: `${rows} × ${cols} and ${data.length} numbers`,
      advice: 'pass the matrix row by row with its true shape',
      data: { name, rows, cols, length: data.length },
    });
  }
  if (rows === 0 || cols === 0) {
    throw new MetricsError('EMPTY_INPUT', {
      where,
      expected: `at least one row and one column in ${name}`,
      got: `${rows} × ${cols}`,
      advice: 'check that the samples were read',
      data: { name, rows, cols },
    });
  }
  requireFinite(where, `${name}.data`, data);
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
      data: { index: i, value: label },
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
    data: { name, index, value: data[index] },
  });
}
