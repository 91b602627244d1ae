import { MetricsError } from '../errors.ts';
import type { Pacer } from './pause.ts';

/** Eigenvalues in descending order; `vectors` holds the eigenvectors as rows in the same order, if asked for. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array | null;
}

/**
 * Eigenvalues, and on request eigenvectors, of a symmetric matrix: Householder tridiagonalisation, then implicit QL.
 *
 * Overwrites `matrix` (row-major, size × size). `eigenWork` multiplications, with pauses between columns.
 *
 * @see Martin, Reinsch & Wilkinson (1968); Dubrulle, Martin & Wilkinson (1968), Numerische Mathematik 11/12
 */
export async function symmetricEigen(
  matrix: Float64Array,
  size: number,
  {
    vectors = false,
    pace = Object.assign(() => undefined, { finish() {} }),
  }: { readonly vectors?: boolean; readonly pace?: Pacer } = {},
): Promise<SymmetricEigen> {
  const { diagonal, offDiagonal, basis } = await tridiagonalize(matrix, size, vectors, pace);
  await implicitQl(diagonal, offDiagonal, basis, pace);
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[b]! - diagonal[a]!);
  const sorted = basis === null ? null : new Float64Array(size * size);
  order.forEach((from, to) => {
    sorted?.set(basis!.subarray(from * size, (from + 1) * size), to * size);
  });
  return { values: Float64Array.from(order, i => diagonal[i]!), vectors: sorted };
}

/** Multiplications of `symmetricEigen`, for progress. */
export function eigenWork(size: number, vectors: boolean): number {
  return (vectors ? 6 : 1) * size ** 3;
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry i couples i and i + 1; the last is 0. */
  readonly offDiagonal: Float64Array;
  /** Columns of the orthogonal transformation, stored as rows. */
  readonly basis: Float64Array | null;
}

/** A ← H A H for one reflector per column; the reflectors stay in the columns they have cleared. */
async function tridiagonalize(
  a: Float64Array,
  n: number,
  wantBasis: boolean,
  pace: Pacer,
): Promise<Tridiagonal> {
  const offDiagonal = new Float64Array(n);
  const betas = new Float64Array(n);
  const reflectors = wantBasis ? new Float64Array(n * n) : null;
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 2; k++) {
    const norm = columnNorm(a, n, k);
    if (norm === 0) continue;
    // Scaled to unit length, so that squares of tiny remainders do not vanish.
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k]! / norm;
    const sign = v[k + 1]! > 0 ? -1 : 1;
    offDiagonal[k] = sign * norm;
    v[k + 1]! -= sign;
    let squares = 0;
    for (let i = k + 1; i < n; i++) squares += v[i]! * v[i]!;
    const beta = 2 / squares;
    let projection = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) sum += a[at]! * v[j]!;
      w[i] = beta * sum;
      projection += w[i]! * v[i]!;
    }
    for (let i = k + 1; i < n; i++) w[i]! -= (beta / 2) * projection * v[i]!;
    for (let i = k + 1; i < n; i++) {
      const vi = v[i]!;
      const wi = w[i]!;
      for (let j = k + 1, at = i * n + k + 1; j < n; j++, at++) a[at]! -= vi * w[j]! + wi * v[j]!;
    }
    betas[k] = beta;
    reflectors?.set(v.subarray(k + 1), k * n + k + 1);
    const pause = pace(3 * (n - k) ** 2);
    if (pause) await pause;
  }
  if (n > 1) offDiagonal[n - 2] = a[(n - 1) * n + n - 2]!;
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  return { diagonal, offDiagonal, basis: reflectors && (await accumulate(reflectors, betas, n, pace)) };
}

/** Length of the part of column k below the diagonal, safe from overflow and underflow. */
function columnNorm(a: Float64Array, n: number, k: number): number {
  let largest = 0;
  for (let i = k + 1; i < n; i++) largest = Math.max(largest, Math.abs(a[i * n + k]!));
  if (largest === 0) return 0;
  let squares = 0;
  for (let i = k + 1; i < n; i++) squares += (a[i * n + k]! / largest) ** 2;
  return largest * Math.sqrt(squares);
}

/** H₀ H₁ … applied to the identity, each column of the product being one row of the result. */
async function accumulate(
  reflectors: Float64Array,
  betas: Float64Array,
  n: number,
  pace: Pacer,
): Promise<Float64Array> {
  const basis = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    const q = basis.subarray(column * n, (column + 1) * n);
    q[column] = 1;
    for (let k = n - 3; k >= 0; k--) {
      let sum = 0;
      for (let i = k + 1; i < n; i++) sum += reflectors[k * n + i]! * q[i]!;
      sum *= betas[k]!;
      for (let i = k + 1; i < n; i++) q[i]! -= sum * reflectors[k * n + i]!;
    }
    const pause = pace(n * n);
    if (pause) await pause;
  }
  return basis;
}

/** Diagonalises a tridiagonal matrix in place by shifted QL sweeps, rotating the rows of `basis` along. */
async function implicitQl(
  d: Float64Array,
  e: Float64Array,
  basis: Float64Array | null,
  pace: Pacer,
): Promise<void> {
  const n = d.length;
  // Relative to the whole matrix: between eigenvalues that are zero up to rounding, a local bound would never be met.
  const negligible =
    Number.EPSILON * d.reduce((most, x, i) => Math.max(most, Math.abs(x) + Math.abs(e[i]!)), 0);
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]!) > negligible) m++;
      if (m === l) break;
      if (sweep === 60) throw noConvergence(l, n);
      sweepOnce(d, e, basis, l, m);
    }
    const pause = pace(basis === null ? 0 : 4 * n * n);
    if (pause) await pause;
  }
}

function sweepOnce(d: Float64Array, e: Float64Array, basis: Float64Array | null, l: number, m: number): void {
  const n = d.length;
  let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  let r = Math.hypot(g, 1);
  g = d[m]! - d[l]! + e[l]! / (g + (g >= 0 ? r : -r));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    e[i + 1] = r = Math.hypot(f, g);
    if (r === 0) {
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1]! - p;
    r = (d[i]! - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
    if (basis !== null) rotateRows(basis, n, i, c, s);
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}

function rotateRows(basis: Float64Array, n: number, i: number, c: number, s: number): void {
  for (let k = i * n; k < (i + 1) * n; k++) {
    const upper = basis[k + n]!;
    basis[k + n] = s * basis[k]! + c * upper;
    basis[k] = c * basis[k]! - s * upper;
  }
}

function noConvergence(index: number, size: number): MetricsError {
  return new MetricsError('NO_CONVERGENCE', {
    where: 'symmetricEigen',
    expected: 'eigenvalues to converge within 60 sweeps each',
    got: `no convergence at ${index} of ${size}`,
    advice: 'scale the features to ordinary magnitudes',
    details: { index, size },
  });
}
