/** What remains of a variance below this share of the largest counts as zero: float32 features carry that much noise. */
const RANK_TOLERANCE = 1e-11;

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
  tolerance = RANK_TOLERANCE,
): PivotedCholesky {
  const factor = new Float64Array(dim * dim);
  const remaining = Float64Array.from({ length: dim }, (_, i) => matrix[i * (dim + 1)]);
  const order = Int32Array.from({ length: dim }, (_, i) => i);
  let largest = 0;
  let rank = 0;
  for (; rank < dim; rank++) {
    let best = rank;
    for (let k = rank + 1; k < dim; k++) if (remaining[order[k]] > remaining[order[best]]) best = k;
    const pivot = order[best];
    order[best] = order[rank];
    order[rank] = pivot;
    largest = Math.max(largest, remaining[pivot]);
    if (!(remaining[pivot] > largest * tolerance)) break;
    const root = Math.sqrt(remaining[pivot]);
    factor[pivot * dim + rank] = root;
    for (let k = rank + 1; k < dim; k++) {
      const row = order[k];
      const value = (matrix[row * dim + pivot] - dot(factor, row * dim, pivot * dim, rank)) / root;
      factor[row * dim + rank] = value;
      remaining[row] -= value * value;
    }
  }
  const pivots = order.slice(0, rank);
  if (rank === dim) return { lower: factor, rank, pivots };
  const lower = new Float64Array(dim * rank);
  for (let i = 0; i < dim; i++) lower.set(factor.subarray(i * dim, i * dim + rank), i * rank);
  return { lower, rank, pivots };
}

/** The inverse of a lower triangular matrix, itself lower triangular. */
export function invertLower(lower: Float64Array, dim: number): Float64Array {
  const inverse = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++) {
    const row = i * dim;
    for (let k = 0; k < i; k++) {
      const factor = lower[row + k];
      if (factor === 0) continue;
      for (let j = 0, at = row, from = k * dim; j <= k; j++, at++, from++)
        inverse[at] -= factor * inverse[from];
    }
    const diagonal = lower[row + i];
    for (let j = 0; j < i; j++) inverse[row + j] /= diagonal;
    inverse[row + i] = 1 / diagonal;
  }
  return inverse;
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
    for (let i = 0; i <= k; i++) root[pivots[i] * dim + k] = inverse[k * dim + i];
  }
  return root;
}

/** Σ of products of two stretches; four sums side by side, because a single one would wait for itself. */
function dot(values: Float64Array, a: number, b: number, length: number): number {
  let [s, t, u, v] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s += values[a + k] * values[b + k];
    t += values[a + k + 1] * values[b + k + 1];
    u += values[a + k + 2] * values[b + k + 2];
    v += values[a + k + 3] * values[b + k + 3];
  }
  for (; k < length; k++) s += values[a + k] * values[b + k];
  return s + t + u + v;
}
