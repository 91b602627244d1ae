/** A dense row-major matrix. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array;
}

/** Rows `start … end − 1` as a view. */
export function sliceRows({ cols, data }: Matrix, start: number, end: number): Matrix {
  return { rows: end - start, cols, data: data.subarray(start * cols, end * cols) };
}

/** The rows with these numbers, in this order; the matrix itself where they are as many as it has. */
export function pickRows(matrix: Matrix, wanted: readonly number[]): Matrix {
  const { rows, cols, data } = matrix;
  if (wanted.length === rows) return matrix;
  const out = new Float32Array(wanted.length * cols);
  wanted.forEach((row, i) => {
    out.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
  });
  return { rows: wanted.length, cols, data: out };
}

/** All rows of matrices of `cols` columns, one after the other. */
export function stackRows(parts: readonly Matrix[], cols: number): Matrix {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const data = new Float32Array(rows * cols);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows, cols, data };
}
