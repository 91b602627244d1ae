/** A = P L U: row `rows[i]` of A is row i of L U. */
export interface LuFactors {
  readonly dim: number;
  /** L strictly below the diagonal (its diagonal is 1), U on and above it; row-major. */
  readonly packed: Float64Array;
  readonly rows: Int32Array;
}

/** LU factors with partial pivoting of a square row-major matrix. */
export function luFactors(matrix: Float64Array, dim: number): LuFactors {
  const packed = matrix.slice();
  const rows = Int32Array.from({ length: dim }, (_, i) => i);
  for (let k = 0; k < dim; k++) {
    let pivot = k;
    for (let i = k + 1; i < dim; i++) {
      if (Math.abs(packed[i * dim + k]!) > Math.abs(packed[pivot * dim + k]!)) pivot = i;
    }
    if (pivot !== k) {
      const row = packed.slice(k * dim, (k + 1) * dim);
      packed.copyWithin(k * dim, pivot * dim, (pivot + 1) * dim);
      packed.set(row, pivot * dim);
      [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    }
    eliminate(packed, dim, k);
  }
  return { dim, packed, rows };
}

function eliminate(packed: Float64Array, dim: number, k: number): void {
  const diagonal = packed[k * dim + k]!;
  for (let i = k + 1; i < dim; i++) {
    const factor = (packed[i * dim + k]! /= diagonal);
    if (factor === 0) continue;
    for (let j = k + 1, at = i * dim + k + 1, from = k * dim + k + 1; j < dim; j++, at++, from++) {
      packed[at]! -= factor * packed[from]!;
    }
  }
}
