import { createRandom } from '@ood/core';
import { luFactors } from '../../src/linear-algebra/lu-factors.ts';
import { normalArray } from '../../src/random.ts';

/** `rows` seeded rows of N(0, scale²). */
export function normalRows(rows: number, cols: number, seed: number, scale = 1): number[][] {
  const data = normalArray(rows * cols, createRandom(seed, 7), scale);
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)));
}

/** log |det| of a square matrix given as rows. */
export function logAbsDeterminant(rows: readonly ArrayLike<number>[]): number {
  const dim = rows.length;
  const { packed } = luFactors(Float64Array.from(rows.flatMap(row => Array.from(row))), dim);
  return rows.reduce((sum, _, i) => sum + Math.log(Math.abs(packed[i * dim + i]!)), 0);
}
