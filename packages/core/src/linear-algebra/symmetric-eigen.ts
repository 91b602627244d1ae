import { CoreError } from '../errors/core-error.ts';
import { requireSquare } from './require-square.ts';

/** Eigenvalues in descending order; `vectors` holds the unit eigenvectors as rows in the same order, where asked for. */
export interface SymmetricEigen<Vectors extends Float64Array | null = Float64Array | null> {
  readonly values: Float64Array;
  readonly vectors: Vectors;
}

export interface SymmetricEigenOptions<Vectors extends boolean = boolean> {
  /** Whether to compute the eigenvectors too: several times the work. Default: true. */
  readonly vectors?: Vectors;
}

/** What a decomposition with these options gives. */
type EigenOf<Vectors extends boolean> = SymmetricEigen<Vectors extends true ? Float64Array : null>;

/**
 * Eigenvalues and eigenvectors of a symmetric row-major `[size, size]` matrix, in float64: Householder tridiagonalization, then
 * implicit QL. The matrix is left as it is; that it is symmetric is not checked.
 *
 * @throws CoreError `WRONG_SHAPE`, `NON_FINITE`, `NO_CONVERGENCE`
 * @see Martin, Reinsch and Wilkinson (1968); Dubrulle, Martin and Wilkinson (1968), Numerische Mathematik 11 and 12
 */
export function symmetricEigen<Vectors extends boolean = true>(
  matrix: Float64Array,
  size: number,
  options: SymmetricEigenOptions<Vectors> = {},
): EigenOf<Vectors> {
  const steps = symmetricEigenSteps(matrix, size, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * As `symmetricEigen`, in steps of some milliseconds at most, so that a caller can report progress, pause and stop: yields the
 * multiplications of each step, `symmetricEigenWork` in all.
 *
 * @throws as `symmetricEigen`
 */
export function* symmetricEigenSteps<Vectors extends boolean = true>(
  matrix: Float64Array,
  size: number,
  { vectors = true as Vectors }: SymmetricEigenOptions<Vectors> = {},
): Generator<number, EigenOf<Vectors>, undefined> {
  requireSquare('symmetricEigen', matrix, size);
  const scale = powerOfTwoNear(matrix);
  const scaled = matrix.map(entry => entry / scale);
  const { diagonal, offDiagonal, basis } = yield* tridiagonalize(scaled, size, vectors);
  yield* implicitQl(diagonal, offDiagonal, basis);
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[b]! - diagonal[a]!);
  const sorted = basis === null ? null : new Float64Array(size * size);
  order.forEach((from, to) => {
    sorted?.set(basis!.subarray(from * size, (from + 1) * size), to * size);
  });
  const values = Float64Array.from(order, i => diagonal[i]! * scale);
  if (!values.every(Number.isFinite)) throw tooLarge();
  return { values, vectors: sorted } as EigenOf<Vectors>;
}

/** About how many multiplications `symmetricEigen` takes. */
export function symmetricEigenWork(size: number, { vectors = true }: SymmetricEigenOptions = {}): number {
  return (vectors ? 6 : 1) * size ** 3;
}

/** The power of two at the largest entry: dividing by it is exact, and keeps products of any magnitude within range. */
function powerOfTwoNear(matrix: Float64Array): number {
  const largest = matrix.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
  return largest === 0 ? 1 : 2 ** Math.max(-1022, Math.floor(Math.log2(largest)));
}

/** Yields the multiplications of each step. */
type Work<Result> = Generator<number, Result, undefined>;

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry i couples i and i + 1; the last is 0. */
  readonly offDiagonal: Float64Array;
  /** Columns of the orthogonal transformation, stored as rows. */
  readonly basis: Float64Array | null;
}

/** A ← H A H for one reflector per column; the reflectors stay in the columns they have cleared. */
function* tridiagonalize(a: Float64Array, n: number, wantBasis: boolean): Work<Tridiagonal> {
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
    yield 3 * (n - k) ** 2;
  }
  if (n > 1) offDiagonal[n - 2] = a[(n - 1) * n + n - 2]!;
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  return { diagonal, offDiagonal, basis: reflectors && (yield* accumulate(reflectors, betas, n)) };
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
function* accumulate(reflectors: Float64Array, betas: Float64Array, n: number): Work<Float64Array> {
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
    yield n * n;
  }
  return basis;
}

/** Diagonalizes a tridiagonal matrix in place by shifted QL sweeps, rotating the rows of `basis` along. */
function* implicitQl(d: Float64Array, e: Float64Array, basis: Float64Array | null): Work<void> {
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
    yield basis === null ? 0 : 4 * n * n;
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

function tooLarge(): CoreError {
  return new CoreError('NON_FINITE', {
    where: 'symmetricEigen',
    expected: 'eigenvalues within the range of float64',
    got: 'larger ones',
    advice: 'scale the matrix to ordinary magnitudes',
  });
}

function noConvergence(index: number, size: number): CoreError {
  return new CoreError('NO_CONVERGENCE', {
    where: 'symmetricEigen',
    expected: 'eigenvalues to converge within 60 sweeps each',
    got: `no convergence at ${index} of ${size}`,
    advice: 'scale the matrix to ordinary magnitudes',
    details: { index, size },
  });
}
