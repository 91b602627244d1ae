/** A = V diag(values) Vᵀ with ascending values; column j of the row-major `vectors` belongs to value j. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const MOST_ITERATIONS = 60;

/**
 * Eigenvalues and orthonormal eigenvectors of a symmetric row-major matrix: Householder tridiagonalisation and implicit QL
 * (Bowdler, Martin, Reinsch and Wilkinson 1968; EISPACK tred2 and tql2). Its time grows with the cube: seconds at 512.
 */
export function symmetricEigen(matrix: Float64Array, dim: number): SymmetricEigen {
  const rows = Array.from({ length: dim }, (_, i) => matrix.slice(i * dim, (i + 1) * dim));
  const diagonal = new Float64Array(dim);
  const beside = new Float64Array(dim);
  tridiagonalise(rows, diagonal, beside);
  // Rows of the transpose, so that rotations run along memory.
  const columns = rows.map((_, j) => Float64Array.from(rows, row => row[j]!));
  implicitQl(columns, diagonal, beside);
  const order = [...diagonal.keys()].sort((a, b) => diagonal[a]! - diagonal[b]!);
  const vectors = new Float64Array(dim * dim);
  for (const [j, from] of order.entries())
    for (let i = 0; i < dim; i++) vectors[i * dim + j] = columns[from]![i]!;
  return { values: Float64Array.from(order, from => diagonal[from]!), vectors };
}

/** Leaves the orthogonal transformation in `z`, the tridiagonal matrix in `d` and `e` (below the diagonal, from index 1). */
function tridiagonalise(z: Float64Array[], d: Float64Array, e: Float64Array): void {
  const n = d.length;
  for (let i = n - 1; i > 0; i--) {
    const row = z[i]!;
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(row[k]!);
    if (i === 1 || scale === 0) {
      e[i] = row[i - 1]!;
      d[i] = 0;
      continue;
    }
    let h = 0;
    for (let k = 0; k < i; k++) h += (row[k]! /= scale) ** 2;
    const f = row[i - 1]!;
    const g = f >= 0 ? -Math.sqrt(h) : Math.sqrt(h);
    e[i] = scale * g;
    h -= f * g;
    row[i - 1] = f - g;
    let inner = 0;
    e.fill(0, 0, i);
    for (let j = 0; j < i; j++) {
      z[j]![i] = row[j]! / h;
      const other = z[j]!;
      let sum = 0;
      for (let k = 0; k < j; k++) {
        sum += other[k]! * row[k]!;
        e[k]! += other[k]! * row[j]!;
      }
      e[j]! += sum + other[j]! * row[j]!;
    }
    for (let j = 0; j < i; j++) inner += (e[j]! /= h) * row[j]!;
    const half = inner / (h + h);
    for (let j = 0; j < i; j++) {
      const f2 = row[j]!;
      const g2 = (e[j]! -= half * f2);
      const other = z[j]!;
      for (let k = 0; k <= j; k++) other[k]! -= f2 * e[k]! + g2 * row[k]!;
    }
    d[i] = h;
  }
  d[0] = 0;
  e[0] = 0;
  const product = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = z[i]!;
    if (d[i] !== 0) {
      product.fill(0, 0, i);
      for (let k = 0; k < i; k++) for (let j = 0; j < i; j++) product[j]! += row[k]! * z[k]![j]!;
      for (let k = 0; k < i; k++) for (let j = 0; j < i; j++) z[k]![j]! -= product[j]! * z[k]![i]!;
    }
    d[i] = row[i]!;
    row[i] = 1;
    for (let j = 0; j < i; j++) z[j]![i] = row[j] = 0;
  }
}

/** Diagonalises in place; row j of `columns` ends as the eigenvector of `d[j]`. */
function implicitQl(columns: Float64Array[], d: Float64Array, e: Float64Array): void {
  const n = d.length;
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++;
      if (m === l) break;
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      let r = Math.hypot(g, 1);
      g = d[m]! - d[l]! + e[l]! / (g + (g >= 0 ? r : -r));
      let s = 1;
      let c = 1;
      let p = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1]! -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1]! - p;
        r = (d[i]! - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        rotate(columns[i]!, columns[i + 1]!, c, s);
      }
      if (r === 0 && i >= l) continue;
      d[l]! -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
}

function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let k = 0; k < a.length; k++) {
    const f = b[k]!;
    b[k] = s * a[k]! + c * f;
    a[k] = c * a[k]! - s * f;
  }
}
