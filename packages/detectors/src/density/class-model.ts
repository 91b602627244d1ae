import { cholesky, invertLower, symmetricEigen, transpose } from '@ood/core';
import { DetectorsError } from '../errors.ts';
import { principalDirections } from '../linear-algebra/principal-directions.ts';
import type { Products } from '../linear-algebra/products.ts';
import { trace } from '../linear-algebra/shrink.ts';
import type { ClassRows } from './class-rows.ts';

/** Rows that the total covariance counts as, for each direction, beside those that show the covariance within classes. */
const PSEUDO_ROWS = 1 / 8;
/** Least variance within classes, in shares of the mean variance: of what shrinkage adds to the total, so that no dead feature decides alone. */
const LEAST = { ofShrinkage: 0.1, ofVariance: 1e-9 };
/** Beyond this size leading directions come from subspace iteration. */
const LARGEST_EXACT = 256;

/**
 * Two-covariance model (probabilistic LDA) in the R directions of largest variance: class means ~ N(μ, B), rows around them
 * ~ N(0, W). Simultaneously diagonalized: in u = Aᵀ(z − μ), W = I and B = diag(b).
 */
export interface ClassModel {
  /** μ `[d]` */
  readonly mean: Float64Array;
  /** Orthonormal directions `[R, d]`, or none where all are kept. */
  readonly basis: Float64Array | undefined;
  readonly directions: number;
  /** A `[d, R]` */
  readonly map: Float64Array;
  /** b ≥ 0 `[R]` */
  readonly between: Float64Array;
  /** Means of the classes as far as their rows bear them, in u `[C, R]`. */
  readonly means: Float64Array;
  /** Predictive variances around them `[C, R]`: 1 and what is not known of the mean. */
  readonly variances: Float64Array;
  /** Share of the rows in each class. */
  readonly priors: Float64Array;
  /** Ledoit and Wolf's share of the identity in the total covariance. */
  readonly shrinkage: number;
  /** Variance of a direction beyond those kept. */
  readonly residualVariance: number;
}

export interface ClassModelOptions {
  readonly where: string;
  readonly products: Products;
  readonly signal?: AbortSignal | undefined;
  /** A basis of a model of nearly the same rows, to start from. */
  readonly start?: Float64Array | undefined;
}

/**
 * Fits the model in closed form. The covariance within classes takes the total one as R/8 more rows, and the total one is shrunk
 * after Ledoit and Wolf (2004); a class mean is its posterior mean. So one row a class, or classes that do not differ, leave one
 * center and one covariance, and many rows leave the sample's means and the unbiased covariance within classes.
 *
 * @throws DetectorsError `SINGULAR_COVARIANCE` where all rows are equal
 */
export async function fitClassModel(
  { count, dim, directions: wanted, data, classes, sizes }: ClassRows,
  { where, products, signal, start }: ClassModelOptions,
): Promise<ClassModel> {
  const mean = columnMeans(data, dim);
  const centered = data.map((value, at) => value - mean[at % dim]!);
  const total = scaled(await products.gram(centered, count), 1 / count);
  const variance = trace(total, dim) / dim;
  if (!(variance > 1e-20)) throw constant(where, dim);
  const shrinkage = ledoitWolfShare(total, centered, { count, dim, variance });
  const basis =
    wanted < dim
      ? await principalDirections(total, dim, {
          count: Math.min(wanted, count - 1),
          products,
          signal,
          start,
          largestExact: LARGEST_EXACT,
        })
      : undefined;
  const kept = basis ? await products.multiplyTransposed(centered, basis, dim) : centered;
  const R = basis ? basis.length / dim : dim;
  const gram = basis ? await products.gram(kept, count) : scaled(total, count);
  const floor = shrinkage * variance;
  const T = addToDiagonal(scaled(gram, (1 - shrinkage) / count), R, floor);
  const own = classMeans(kept, R, { classes, sizes });
  const residuals = kept.map((value, at) => value - own[classes[Math.floor(at / R)]! * R + (at % R)]!);
  const scatter = await products.gram(residuals, count);
  const freedom = count - sizes.length;
  const pseudo = freedom >= 1 ? PSEUDO_ROWS * R : 1e6 * R;
  const W = addToDiagonal(
    scatter.map((value, at) => (value + pseudo * T[at]!) / (freedom + pseudo)),
    R,
    LEAST.ofShrinkage * floor + LEAST.ofVariance * variance,
  );
  const inverse = invertLower(cholesky(W, R), R);
  const relative = await products.multiplyTransposed(await products.multiply(inverse, T, R), inverse, R);
  const { values, vectors } = symmetricEigen(symmetrized(relative, R), R);
  const rotation = await products.multiply(vectors!, inverse, R);
  const between = Float64Array.from(values, value => Math.max(0, value - 1));
  const found = await products.multiplyTransposed(own, rotation, R);
  const variances = new Float64Array(found.length);
  const means = found.map((value, at) => {
    const [rows, b] = [sizes[Math.floor(at / R)]!, between[at % R]!];
    const borne = (rows * b) / (rows * b + 1);
    variances[at] = 1 + borne / rows;
    return borne * value;
  });
  const beyond = basis ? (trace(total, dim) - trace(gram, R) / count) / Math.max(1, dim - R) : 0;
  return {
    mean,
    basis,
    directions: R,
    map: transpose(basis ? await products.multiply(rotation, basis, R) : rotation, R, dim),
    between,
    means,
    variances,
    priors: Float64Array.from(sizes, size => size / count),
    shrinkage,
    residualVariance: (1 - shrinkage) * Math.max(0, beyond) + floor,
  };
}

/** Share of the identity (Ledoit and Wolf, 2004): estimated error of the covariance over its distance from the identity. */
function ledoitWolfShare(
  covariance: Float64Array,
  centered: Float64Array,
  { count, dim, variance }: { readonly count: number; readonly dim: number; readonly variance: number },
): number {
  let [squares, fourth] = [0, 0];
  for (const value of covariance) squares += value * value;
  for (let row = 0; row < count; row++) {
    let norm = 0;
    for (let at = row * dim; at < (row + 1) * dim; at++) norm += centered[at]! ** 2;
    fourth += (norm * norm) / count;
  }
  const distance = squares - dim * variance * variance;
  const error = (fourth - squares) / count;
  return distance > 0 ? Math.min(1, Math.max(0, error / distance)) : 1;
}

function columnMeans(data: Float64Array, dim: number): Float64Array {
  const mean = new Float64Array(dim);
  for (let at = 0; at < data.length; at++) mean[at % dim]! += data[at]!;
  return mean.map(value => value / (data.length / dim));
}

function classMeans(
  rows: Float64Array,
  dim: number,
  { classes, sizes }: Pick<ClassRows, 'classes' | 'sizes'>,
): Float64Array {
  const means = new Float64Array(sizes.length * dim);
  classes.forEach((slot, row) => {
    for (let i = 0; i < dim; i++) means[slot * dim + i]! += rows[row * dim + i]! / sizes[slot]!;
  });
  return means;
}

function scaled(matrix: Float64Array, factor: number): Float64Array {
  return matrix.map(value => value * factor);
}

function addToDiagonal(matrix: Float64Array, dim: number, value: number): Float64Array {
  for (let i = 0; i < dim; i++) matrix[i * (dim + 1)]! += value;
  return matrix;
}

function symmetrized(matrix: Float64Array, dim: number): Float64Array {
  return matrix.map((value, at) => (value + matrix[(at % dim) * dim + Math.floor(at / dim)]!) / 2);
}

function constant(where: string, dim: number): DetectorsError {
  return new DetectorsError('SINGULAR_COVARIANCE', {
    where,
    expected: 'features that vary',
    got: `${dim} columns without variance after division by the norm`,
    advice: 'check that the features are not constant',
  });
}
