import { createRandom, type Matrix } from '@ood/core';

/** Numbers kept of a row: four random projections, and its length. */
const KEPT = 5;
/** Largest difference of equal rows relative to their length: the same row in another batch rounds differently. */
const TOLERANCE = 5e-6;

/**
 * What is kept of rows so that equal ones can be told, up to rounding: projections on four random directions, which rows
 * that differ share with a probability that is nil. 40 bytes a row, whatever its width.
 */
export interface RowPrints {
  /** `[rows × KEPT]` */
  readonly values: Float64Array;
  readonly rows: number;
}

/** Prints of rows that come block by block; all blocks must be of one width. */
export function rowPrinter(): (matrix: Matrix) => RowPrints {
  let directions: Float64Array[] = [];
  return ({ rows, cols, data }) => {
    if (directions[0]?.length !== cols)
      directions = Array.from({ length: KEPT - 1 }, (_, k) => {
        const random = createRandom(k, 'row prints');
        return Float64Array.from({ length: cols }, () => random.normal());
      });
    const values = new Float64Array(rows * KEPT);
    for (let row = 0; row < rows; row++) {
      let squares = 0;
      for (let i = 0; i < cols; i++) {
        const value = data[row * cols + i]!;
        squares += value * value;
        for (let k = 0; k < KEPT - 1; k++) values[row * KEPT + k]! += directions[k]![i]! * value;
      }
      values[row * KEPT + KEPT - 1] = Math.sqrt(squares);
    }
    return { values, rows };
  };
}

/** All prints of several blocks. */
export function joinPrints(blocks: readonly RowPrints[]): RowPrints {
  const values = new Float64Array(blocks.reduce((sum, block) => sum + block.values.length, 0));
  let at = 0;
  for (const block of blocks) {
    values.set(block.values, at);
    at += block.values.length;
  }
  return { values, rows: values.length / KEPT };
}

/** A set of rows that can be asked whether it holds one; rows that repeat others are kept once. */
export interface PrintSet {
  readonly size: number;
  /** For each row the index of the first row equal to it, itself where there is none before. */
  readonly firstOf: Int32Array;
  has(prints: RowPrints, row: number): boolean;
}

export function printSet(prints: RowPrints): PrintSet {
  const { values, rows } = prints;
  const order = Uint32Array.from({ length: rows }, (_, i) => i).sort(
    (a, b) => values[a * KEPT]! - values[b * KEPT]! || a - b,
  );
  const kept = new Uint32Array(rows);
  let size = 0;
  const firstOf = new Int32Array(rows);
  const search = (other: RowPrints, row: number): number => {
    const wanted = other.values[row * KEPT]!;
    const reach = TOLERANCE * other.values[row * KEPT + KEPT - 1]!;
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[kept[middle]! * KEPT]! < wanted - reach) low = middle + 1;
      else high = middle;
    }
    for (; low < size && values[kept[low]! * KEPT]! <= wanted + reach; low++)
      if (isSame(values, kept[low]!, other.values, row, reach)) return low;
    return -1;
  };
  for (const row of order) {
    const found = search(prints, row);
    if (found === -1) {
      kept[size++] = row;
      firstOf[row] = row;
    } else firstOf[row] = kept[found]!;
  }
  // In order of their projection, not of the rows: the first of equal ones is the one of the smallest index.
  const smallest = new Map<number, number>();
  firstOf.forEach((group, row) => {
    if (!smallest.has(group)) smallest.set(group, row);
  });
  firstOf.forEach((group, row) => {
    firstOf[row] = smallest.get(group)!;
  });
  return { size, firstOf, has: (other, row) => search(other, row) >= 0 };
}

function isSame(a: Float64Array, i: number, b: Float64Array, j: number, reach: number): boolean {
  for (let k = 0; k < KEPT; k++) if (Math.abs(a[i * KEPT + k]! - b[j * KEPT + k]!) > reach) return false;
  return true;
}
