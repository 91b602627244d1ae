import type { NumericArray } from '../contract/method.ts';
import type { Formula, Value } from '../formula/formula.ts';
import { spreadRows } from './spread.ts';

/** A bank's rows, and its numbers (16 MB of float32), at most: it is part of what is exported. */
const MOST_ROWS = 20_000;
const MOST_NUMBERS = 2 ** 22;

/** Training rows to measure distances to `[rows, dim]`, and which neighbor's distance counts. */
export interface LocalDensity {
  readonly bank: NumericArray;
  readonly neighbor: number;
}

/** Keeps the rows `[count, dim]`, or of too many an even share; then a nearer neighbor stands for the k-th of them all. */
export function localDensity(
  data: Float64Array | Float32Array,
  dim: number,
  { neighbor }: { readonly neighbor: number },
): LocalDensity {
  const count = data.length / dim;
  const kept = Math.max(1, Math.min(count, MOST_ROWS, Math.floor(MOST_NUMBERS / dim)));
  const rows = new Float32Array(kept * dim);
  spreadRows(count, kept).forEach((row, at) => {
    rows.set(data.subarray(row * dim, (row + 1) * dim), at * dim);
  });
  const rank = kept === count ? neighbor : Math.max(2, Math.round(neighbor * Math.sqrt(kept / count)));
  return { bank: { shape: [kept, dim], data: rows }, neighbor: Math.min(rank, kept) };
}

/** Distance `[batch, 1]` of rows `[batch, dim]` to the neighbor that counts. */
export function neighborDistance(f: Formula, rows: Value, { bank, neighbor }: LocalDensity): Value {
  const [count, dim] = bank.shape as [number, number];
  const halves = new Float64Array(count);
  bank.data.forEach((value, at) => {
    halves[Math.floor(at / dim)]! += (value * value) / 2;
  });
  const table = f.constant(bank);
  const products = f.matMul(rows, f.transpose(table, [1, 0]));
  const nearness = f.subtract(products, f.constant({ shape: [1, count], data: halves }));
  return f.norm(f.subtract(rows, f.rowOfRank(table, nearness, neighbor)));
}
