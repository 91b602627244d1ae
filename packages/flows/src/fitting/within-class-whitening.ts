import { cholesky, invertLower, product, type Random, transpose } from '@ood/core';
import type { Runtime } from '@ood/onnx';
import { array, type Matrix } from '../contract/arrays.ts';
import type { FittedPreparation } from '../contract/preparation.ts';
import { leadingDirections } from '../linear-algebra/leading-directions.ts';
import { rowsTimes } from '../linear-algebra/matrix-products.ts';
import { project } from '../preparations/project.ts';
import { classStatistics, covarianceAround, shrink } from './class-statistics.ts';

interface WithinClassWhiteningOptions {
  /** More columns than this are cut to as many leading directions of the total covariance. */
  readonly directions: number;
  /** Share of the identity in the within-class covariance. */
  readonly shrinkage: number;
  /** γ: how far Σ_t⁻¹ is taken from Σ_w⁻¹, 0 ≤ γ < 1. 0: plain whitening. */
  readonly background: number;
  readonly rng: Random;
  readonly runtime: Runtime;
}

/**
 * The projection after which Euclidean distances are those of Σ_w⁻¹ − γ Σ_t⁻¹ (shrunk within-class and total covariance), and
 * the class means behind it, `[classes, dim]`. With γ = 0 it makes the within-class covariance the identity.
 */
export async function withinClassWhitening(
  unit: Matrix,
  { labels, classes }: { labels: Int32Array; classes: number },
  { directions, shrinkage, background, rng, runtime }: WithinClassWhiteningOptions,
): Promise<{ fitted: FittedPreparation; means: Float64Array }> {
  const { cols } = unit;
  const { mean, means, counts } = classStatistics(unit, labels, classes);
  const within = await covarianceAround(unit, means, { labels, runtime });
  const dim = Math.min(cols, directions);
  let basis: Float64Array | undefined;
  let covariance = within;
  if (dim < cols) {
    const total = await covarianceAround(unit, mean, { runtime });
    const leading = await leadingDirections(total, cols, { count: dim, rng, runtime });
    basis = transpose(leading, dim, cols);
    covariance = product(await rowsTimes(leading, within, { cols, runtime }), basis, cols);
  }
  const unmix = transpose(invertLower(cholesky(shrink(covariance, dim, shrinkage), dim), dim), dim);
  const centered = means.map((value, at) => value - mean[at % cols]!);
  const white = basis ? product(basis, unmix, dim) : unmix;
  const metric = relativeMetric(product(centered, white, cols), counts, { dim, background });
  const matrix = product(white, metric, dim);
  return {
    fitted: {
      preparation: project(cols, dim),
      constants: { mean: array([cols], mean), matrix: array([cols, dim], matrix) },
    },
    means: product(centered, matrix, cols),
  };
}

/**
 * The factor L of I − γ Σ_t⁻¹ = L Lᵀ in coordinates where the within-class covariance is the identity, so that
 * Σ_t = I + Σ_c (n_c / n) μ_c μ_cᵀ. Rows times L are measured by Σ_w⁻¹ − γ Σ_t⁻¹.
 */
function relativeMetric(
  means: Float64Array,
  counts: Int32Array,
  { dim, background }: { dim: number; background: number },
): Float64Array {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const total = identity(dim);
  counts.forEach((count, k) => {
    for (let i = 0; i < dim; i++) {
      const factor = (count / rows) * means[k * dim + i]!;
      for (let j = 0; j < dim; j++) total[i * dim + j]! += factor * means[k * dim + j]!;
    }
  });
  const root = invertLower(cholesky(total, dim), dim);
  const metric = identity(dim);
  product(transpose(root, dim), root, dim).forEach((value, at) => {
    metric[at]! -= background * value;
  });
  return cholesky(metric, dim);
}

function identity(dim: number): Float64Array {
  const matrix = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++) matrix[i * dim + i] = 1;
  return matrix;
}
