import { createRandom, type Matrix, product, type Seed, symmetricEigen, transpose } from '@ood/core';

/** Rows in the axes of their largest variances. */
export interface PrincipalComponents {
  /** Coordinates `[rows, count]`. */
  readonly coordinates: Float64Array;
  /** Share of the variance along each axis, `[count]`. */
  readonly explained: Float64Array;
}

/** Directions beyond those asked for, and passes over the rows: the accuracy of a picture is reached with fewer. */
const OVERSAMPLING = 8;
const PASSES = 4;

/**
 * Principal components of `rows` `[n, dim]` by a randomized range finder with power iterations: a few passes over the rows, where the
 * covariance matrix of a wide backbone would take minutes. Axes that the rows have not are zero.
 *
 * @see Halko, Martinsson and Tropp (2011), SIAM Review 53
 */
export function principalComponents(
  { rows, cols, data }: Matrix,
  { count, seed = 1 }: { readonly count: number; readonly seed?: Seed },
): PrincipalComponents {
  const centered = centeredRows(data, rows, cols);
  const total = centered.reduce((sum, value) => sum + value * value, 0);
  const size = Math.min(count + OVERSAMPLING, rows, cols);
  const random = createRandom(seed, 'principal components');
  const across = transpose(centered, rows, cols);
  let basis = product(
    centered,
    Float64Array.from({ length: cols * size }, () => random.normal()),
    cols,
  );
  for (let pass = 0; pass < PASSES; pass++) {
    orthonormalize(basis, rows, size);
    basis = product(centered, product(across, basis, rows), cols);
  }
  orthonormalize(basis, rows, size);
  const small = product(transpose(basis, rows, size), centered, rows);
  const { values, vectors } = symmetricEigen(product(small, transpose(small, size, cols), cols), size);
  const coordinates = new Float64Array(rows * count);
  for (let axis = 0; axis < Math.min(count, size); axis++) {
    const spread = Math.sqrt(Math.max(0, values[axis]!));
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += basis[row * size + k]! * vectors[axis * size + k]!;
      coordinates[row * count + axis] = sum * spread;
    }
  }
  const explained = Float64Array.from({ length: count }, (_, axis) =>
    axis < size && total > 0 ? Math.max(0, values[axis]!) / total : 0,
  );
  return { coordinates, explained };
}

function centeredRows(data: ArrayLike<number>, rows: number, cols: number): Float64Array {
  const means = new Float64Array(cols);
  for (let i = 0; i < rows * cols; i++) means[i % cols]! += data[i]! / rows;
  return Float64Array.from({ length: rows * cols }, (_, i) => data[i]! - means[i % cols]!);
}

/** Gram and Schmidt, twice over for accuracy; columns that depend on earlier ones become zero. */
function orthonormalize(basis: Float64Array, rows: number, size: number): void {
  for (let k = 0; k < size; k++) {
    const before = lengthOf(basis, rows, size, k);
    for (let again = 0; again < 2; again++) {
      for (let other = 0; other < k; other++) {
        let along = 0;
        for (let at = 0; at < basis.length; at += size) along += basis[at + k]! * basis[at + other]!;
        for (let at = 0; at < basis.length; at += size) basis[at + k]! -= along * basis[at + other]!;
      }
    }
    const length = lengthOf(basis, rows, size, k);
    const scale = length > before * 1e-10 ? 1 / length : 0;
    for (let at = 0; at < basis.length; at += size) basis[at + k]! *= scale;
  }
}

function lengthOf(basis: Float64Array, rows: number, size: number, k: number): number {
  let squares = 0;
  for (let row = 0; row < rows; row++) squares += basis[row * size + k]! ** 2;
  return Math.sqrt(squares);
}
