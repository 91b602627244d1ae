import { dot, invertLower } from '@ood/core';

/** What remains of a variance below this share of the largest counts as zero: float32 features carry that much noise. */
export const RANK_TOLERANCE = 1e-11;

export interface RankOptions {
  /** Share of the largest variance below which a remaining one counts as zero. */
  readonly tolerance?: number | undefined;
  /** A variance that rounding is to be measured by where it is larger than any in the matrix, which may be rounding itself. Default: 0. */
  readonly scale?: number | undefined;
}

/** A ≈ L Lᵀ with L `[dim, rank]`, row-major; rows in the order of A, columns in the order of the pivots. */
export interface PivotedCholesky {
  readonly lower: Float64Array;
  readonly rank: number;
  /** Row of A that each column of L started from. */
  readonly pivots: Int32Array;
}

/** Cholesky factor of a positive semi-definite matrix, largest remaining variance first (Higham, 1990). */
export function pivotedCholesky(
  matrix: Float64Array,
  dim: number,
  { tolerance = RANK_TOLERANCE, scale = 0 }: RankOptions = {},
): PivotedCholesky {
  const factor = new Float64Array(dim * dim);
  const remaining = Float64Array.from({ length: dim }, (_, i) => matrix[i * (dim + 1)]!);
  const order = Int32Array.from({ length: dim }, (_, i) => i);
  let largest = scale;
  let rank = 0;
  for (; rank < dim; rank++) {
    let best = rank;
    for (let k = rank + 1; k < dim; k++) if (remaining[order[k]!]! > remaining[order[best]!]!) best = k;
    const pivot = order[best]!;
    order[best] = order[rank]!;
    order[rank] = pivot;
    largest = Math.max(largest, remaining[pivot]!);
    if (!(remaining[pivot]! > largest * tolerance)) break;
    const root = Math.sqrt(remaining[pivot]!);
    factor[pivot * dim + rank] = root;
    for (let k = rank + 1; k < dim; k++) {
      const row = order[k]!;
      const value = (matrix[row * dim + pivot]! - dot(factor, row * dim, factor, pivot * dim, rank)) / root;
      factor[row * dim + rank] = value;
      remaining[row]! -= value * value;
    }
  }
  const pivots = order.slice(0, rank);
  if (rank === dim) return { lower: factor, rank, pivots };
  const lower = new Float64Array(dim * rank);
  for (let i = 0; i < dim; i++) lower.set(factor.subarray(i * dim, i * dim + rank), i * rank);
  return { lower, rank, pivots };
}

/** L⁻ᵀ `[dim, dim]` of a factor of full rank: W with W Wᵀ = A⁻¹. */
export function inverseRoot({ lower, pivots }: PivotedCholesky, dim: number): Float64Array {
  const ordered = new Float64Array(dim * dim);
  pivots.forEach((row, k) => {
    ordered.set(lower.subarray(row * dim, (row + 1) * dim), k * dim);
  });
  const inverse = invertLower(ordered, dim);
  const root = new Float64Array(dim * dim);
  for (let k = 0; k < dim; k++) {
    for (let i = 0; i <= k; i++) root[pivots[i]! * dim + k] = inverse[k * dim + i]!;
  }
  return root;
}
