import {
  anything,
  cholesky,
  invertLower,
  logDiagonal,
  oneOf,
  portion,
  product,
  requireOptions,
  symmetricEigen,
  transpose,
} from '@ood/core';
import type { Runtime } from '@ood/onnx';
import { fixedAffineWeights } from '../bijections/fixed-affine.ts';
import type { Matrix, Weights } from '../contract/arrays.ts';
import { array } from '../contract/arrays.ts';
import { defaultRuntime } from '../runtime/default-runtime.ts';
import { classStatistics, compactLabels, covarianceAround, shrink } from './class-statistics.ts';

export interface WhiteningOptions {
  /**
   * `'cholesky'`: z = L⁻¹ (x − mean), Σ = L Lᵀ, the cheapest. `'pca'`: onto eigenvectors, by descending variance.
   * `'zca'`: by the symmetric square root, which stays closest to x. Default: `'cholesky'`.
   */
  readonly method?: 'cholesky' | 'pca' | 'zca';
  /** Classes of the rows: the within-class covariance is made the identity instead of the total one. Default: none. */
  readonly labels?: Int32Array;
  /** Share of the identity mixed into the covariance, 0 to 1. Default: 1e-3. */
  readonly shrinkage?: number;
  readonly runtime?: Runtime;
}

const RULES = {
  method: oneOf('cholesky', 'pca', 'zca'),
  labels: anything,
  shrinkage: portion,
  runtime: anything,
};

/** Weights of a `fixedAffine` that gives every column mean 0 and variance 1 (a constant column is only centered). Float64. */
export function standardization({ rows, cols, data }: Matrix): Weights {
  const { mean } = classStatistics({ rows, cols, data }, new Int32Array(rows), 1);
  const deviation = new Float64Array(cols);
  for (let i = 0; i < data.length; i++) deviation[i % cols]! += (data[i]! - mean[i % cols]!) ** 2;
  for (let j = 0; j < cols; j++) deviation[j] = Math.sqrt(deviation[j]! / rows) || 1;
  const diagonal = (entry: (j: number) => number) => {
    const matrix = new Float64Array(cols * cols);
    for (let j = 0; j < cols; j++) matrix[j * cols + j] = entry(j);
    return matrix;
  };
  return fixedAffineWeights({
    mean,
    matrix: diagonal(j => 1 / deviation[j]!),
    inverse: diagonal(j => deviation[j]!),
    logDet: -deviation.reduce((sum, value) => sum + Math.log(value), 0),
  });
}

/**
 * Weights of a `fixedAffine` that makes the (total or within-class) covariance of the rows the identity.
 *
 * @throws FlowsError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `BAD_LABELS`, `INVALID_OPTION`, `SINGULAR_COVARIANCE`.
 */
export async function whitening(
  rows: Matrix,
  { method = 'cholesky', labels, shrinkage = 1e-3, runtime, ...rest }: WhiteningOptions = {},
): Promise<Weights> {
  requireOptions('whitening', { method, labels, shrinkage, runtime, ...rest }, RULES);
  const { mean, covariance } = await shrunkCovariance(rows, { labels, shrinkage, runtime });
  const dim = rows.cols;
  // The factor is needed in each case: it proves that the covariance is positive definite and gives the determinant.
  const lower = cholesky(covariance, dim);
  const logDet = -logDiagonal(lower, dim);
  if (method === 'cholesky') {
    const matrix = transpose(invertLower(lower, dim), dim);
    return fixedAffineWeights({ mean, matrix, inverse: transpose(lower, dim), logDet });
  }
  const { values, vectors } = symmetricEigen(covariance, dim);
  const columns = transpose(vectors, dim);
  const scaled = (power: number) => columns.map((entry, at) => entry * values[at % dim]! ** power);
  if (method === 'zca') {
    const matrix = product(scaled(-0.5), vectors, dim);
    return fixedAffineWeights({ mean, matrix, inverse: product(scaled(0.5), vectors, dim), logDet });
  }
  return fixedAffineWeights({
    mean,
    matrix: scaled(-0.5),
    inverse: transpose(scaled(0.5), dim),
    logDet,
  });
}

/**
 * Weights of a `classConditional` density: class means and the shared within-class covariance (divisor n).
 *
 * @throws FlowsError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `BAD_LABELS`, `INVALID_OPTION`, `SINGULAR_COVARIANCE`.
 */
export async function tiedCovariance(
  rows: Matrix,
  labels: Int32Array,
  { shrinkage = 0, runtime, ...rest }: { readonly shrinkage?: number; readonly runtime?: Runtime } = {},
): Promise<{ readonly classes: number; readonly weights: Weights }> {
  requireOptions(
    'tiedCovariance',
    { shrinkage, runtime, ...rest },
    { shrinkage: portion, runtime: anything },
  );
  const { means, covariance, classes } = await shrunkCovariance(rows, { labels, shrinkage, runtime });
  const dim = rows.cols;
  const lower = cholesky(covariance, dim);
  const constants = {
    mean: array([classes, dim], means),
    whitener: array([dim, dim], transpose(invertLower(lower, dim), dim)),
    unwhitener: array([dim, dim], transpose(lower, dim)),
    logDet: array([], [-logDiagonal(lower, dim)]),
  };
  return { classes, weights: { parameters: {}, constants } };
}

interface CovarianceOptions {
  readonly labels: Int32Array | undefined;
  readonly shrinkage: number;
  readonly runtime: Runtime | undefined;
}

async function shrunkCovariance(rows: Matrix, { labels, shrinkage, runtime }: CovarianceOptions) {
  const compact = labels ? compactLabels(labels) : { labels: new Int32Array(rows.rows), classes: 1 };
  const { mean, means } = classStatistics(rows, compact.labels, compact.classes);
  const engine = runtime ?? (await defaultRuntime());
  const covariance = await covarianceAround(rows, means, { labels: compact.labels, runtime: engine });
  return { mean, means, classes: compact.classes, covariance: shrink(covariance, rows.cols, shrinkage) };
}
