/** The transpose of a row-major `[rows, cols]` matrix. */
export function transpose(matrix: Float64Array, rows: number, cols = rows): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) result[j * rows + i] = matrix[i * cols + j]!;
  return result;
}

/** A B of row-major matrices `[rows, inner]` and `[inner, cols]`. */
export function product(a: Float64Array, b: Float64Array, inner: number): Float64Array {
  const rows = a.length / inner;
  const cols = b.length / inner;
  const result = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k]!;
      if (factor === 0) continue;
      for (let j = 0, at = i * cols, from = k * cols; j < cols; j++, at++, from++)
        result[at]! += factor * b[from]!;
    }
  }
  return result;
}
