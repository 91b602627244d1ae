import type { Matrix } from '@ood/core';

/** Euclidean length of every row, without overflow for large entries. */
export function rowNorms({ rows, cols, data }: Matrix): Float64Array {
  const norms = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    const [start, end] = [row * cols, (row + 1) * cols];
    for (let k = start; k < end; k++) largest = Math.max(largest, Math.abs(data[k]!));
    if (largest === 0) continue;
    let squares = 0;
    for (let k = start; k < end; k++) squares += (data[k]! / largest) ** 2;
    norms[row] = largest * Math.sqrt(squares);
  }
  return norms;
}

/** Indices of the rows that have a direction. */
export function directedRows(norms: Float64Array): Uint32Array {
  return Uint32Array.from(norms.keys()).filter(row => norms[row]! > 0);
}

/** Writes the listed rows, scaled to unit length, into a panel. */
export function copyUnitRows(
  { cols, data }: Matrix,
  norms: Float64Array,
  rows: Uint32Array,
  panel: Float64Array,
): void {
  rows.forEach((row, i) => {
    const norm = norms[row]!;
    for (let k = 0; k < cols; k++) panel[i * cols + k] = data[row * cols + k]! / norm;
  });
}
