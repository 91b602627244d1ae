import type { FloatArray, Matrix } from './matrix.ts';

/** Length of each row in float64, safe from overflow and underflow: entries of any magnitude keep a true length. */
export function rowNorms({ rows, cols, data }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => normOf(data, row * cols, (row + 1) * cols));
}

/**
 * Each row divided by its length, as an array of the same type; a row of zeros stays zeros.
 *
 * @param into where to write; may be `matrix.data` itself. Default: a new array.
 */
export function unitRows<Data extends FloatArray>(
  { rows, cols, data }: Matrix<Data>,
  into: Data = new (data.constructor as new (length: number) => Data)(data.length),
): Matrix<Data> {
  for (let row = 0; row < rows; row++) {
    const [start, end] = [row * cols, (row + 1) * cols];
    const norm = normOf(data, start, end);
    for (let i = start; i < end; i++) into[i] = norm === 0 ? 0 : data[i]! / norm;
  }
  return { rows, cols, data: into };
}

function normOf(data: FloatArray, start: number, end: number): number {
  let squares = 0;
  for (let i = start; i < end; i++) squares += data[i]! * data[i]!;
  if (squares > 1e-280 && squares < 1e280) return Math.sqrt(squares);
  let largest = 0;
  for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(data[i]!));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  squares = 0;
  for (let i = start; i < end; i++) squares += (data[i]! / largest) ** 2;
  return largest * Math.sqrt(squares);
}
