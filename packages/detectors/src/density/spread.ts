/** The fractional part of the golden ratio: its multiples fill the unit interval evenly, however many there are. */
const STEP = 0.6180339887498949;

/** A key in [0, 1) for each row: those of any stretch of rows are spread evenly, so that no seed and no order decides. */
export function spreadKey(row: number): number {
  return (row * STEP) % 1;
}

/** Indices of `count` of `total` rows, spread evenly over them, ascending. */
export function spreadRows(total: number, count: number): Int32Array {
  const all = Int32Array.from({ length: total }, (_, row) => row);
  if (count >= total) return all;
  return all
    .sort((a, b) => spreadKey(a) - spreadKey(b))
    .slice(0, count)
    .sort();
}
