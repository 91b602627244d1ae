import { CoreError } from '../errors/core-error.ts';

export type FloatArray = Float32Array | Float64Array;

/** Dense rows, one a sample: row `i` of this row-major matrix is `data.subarray(i * cols, (i + 1) * cols)`. */
export interface Matrix<Data extends FloatArray = FloatArray> {
  readonly rows: number;
  readonly cols: number;
  readonly data: Data;
}

/**
 * Refuses what is no matrix, has no rows or columns, or another number of entries than rows × cols.
 *
 * @throws CoreError `WRONG_SHAPE`, `EMPTY_INPUT`.
 */
export function requireShape(where: string, name: string, matrix: Matrix): void {
  const { rows, cols, data } = (matrix ?? {}) as Partial<Matrix>;
  if (rows === undefined || cols === undefined || !isFloats(data))
    throw new CoreError('WRONG_SHAPE', {
      where,
      expected: `${name} as { rows, cols, data } with data a Float32Array or Float64Array`,
      got: Array.isArray(matrix) ? 'an array' : `${typeof matrix}, data ${typeof data}`,
      advice: 'lay the rows one after the other, e.g. data: Float32Array.from(rows.flat())',
      details: { name },
    });
  const whole = Number.isSafeInteger(rows) && Number.isSafeInteger(cols) && rows >= 0 && cols >= 0;
  if (!whole || rows * cols !== data.length)
    throw new CoreError('WRONG_SHAPE', {
      where,
      expected: `${name}.data to hold rows × cols numbers`,
      got: `${rows} × ${cols} and ${data.length} numbers`,
      advice: 'pass the matrix row by row with its true shape',
      details: { name, rows, cols, length: data.length },
    });
  if (rows === 0 || cols === 0)
    throw new CoreError('EMPTY_INPUT', {
      where,
      expected: `at least one row and one column in ${name}`,
      got: `${rows} × ${cols}`,
      advice: 'check that the samples were read',
      details: { name, rows, cols },
    });
}

/**
 * Refuses rows with NaN or infinity, saying how many there are.
 *
 * @param firstRow number of the first of these rows among all, for the message.
 * @throws CoreError `NON_FINITE`.
 */
export function requireFiniteRows(where: string, name: string, matrix: Matrix, firstRow = 0): void {
  const { count, first } = nonFiniteRows(matrix);
  if (count === 0) return;
  throw new CoreError('NON_FINITE', {
    where,
    expected: `finite numbers in ${name}`,
    got: `NaN or infinity in ${count} of ${matrix.rows} rows, the first at index ${firstRow + first}`,
    advice: 'leave these rows out, or find out why the model produced them',
    details: { name, count, firstRow: firstRow + first },
  });
}

/** Rows with NaN or infinity: how many, and the number of the first (−1 where there is none). O(rows · cols). */
export function nonFiniteRows({ rows, cols, data }: Matrix): { count: number; first: number } {
  let count = 0;
  let first = -1;
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * cols;
    let at = row * cols;
    while (at < end && Number.isFinite(data[at])) at++;
    if (at < end && count++ === 0) first = row;
  }
  return { count, first };
}

/** Rows `start … end − 1` as a view. */
export function sliceRows<Data extends FloatArray>(
  { cols, data }: Matrix<Data>,
  start: number,
  end: number,
): Matrix<Data> {
  return { rows: end - start, cols, data: data.subarray(start * cols, end * cols) as Data };
}

/** A copy of the first `count` columns, or the matrix itself where it has no more. */
export function firstColumns<Data extends FloatArray>(matrix: Matrix<Data>, count: number): Matrix<Data> {
  const { rows, cols, data } = matrix;
  if (count === cols) return matrix;
  const out = new (data.constructor as new (length: number) => Data)(rows * count);
  for (let row = 0; row < rows; row++) out.set(data.subarray(row * cols, row * cols + count), row * count);
  return { rows, cols: count, data: out };
}

/** A copy of the rows with these numbers, in this order. */
export function pickRows<Data extends FloatArray>(
  { cols, data }: Matrix<Data>,
  wanted: ArrayLike<number>,
): Matrix<Data> {
  const out = new (data.constructor as new (length: number) => Data)(wanted.length * cols);
  for (let i = 0; i < wanted.length; i++) {
    const row = wanted[i]!;
    out.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
  }
  return { rows: wanted.length, cols, data: out };
}

/** All rows of matrices of `cols` columns, one after the other, as float32. */
export function stackRows(parts: readonly Matrix[], cols: number): Matrix<Float32Array> {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const data = new Float32Array(rows * cols);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows, cols, data };
}

/** Index of the largest entry of each row, the first among equals. */
export function argmaxRows({ rows, cols, data }: Matrix): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => {
    let best = row * cols;
    for (let i = best + 1; i < (row + 1) * cols; i++) if (data[i]! > data[best]!) best = i;
    return best - row * cols;
  });
}

function isFloats(data: unknown): data is FloatArray {
  return data instanceof Float32Array || data instanceof Float64Array;
}
