import { requireClasses, requireMatrix, requireTrainingMatrix } from '../contract/check-rows.ts';
import type { Detector } from '../contract/detector.ts';
import { requireShare } from '../contract/options.ts';
import type { Matrix, TrainingRows } from '../contract/rows.ts';
import { choleskyFactor, whitenRows } from '../linear-algebra/cholesky.ts';
import { classStatistics } from '../linear-algebra/class-statistics.ts';
import { normaliseRows } from '../linear-algebra/normalise-rows.ts';

export interface MahalanobisOptions {
  /** Divide each feature vector by its Euclidean norm first: the "++" of Mahalanobis++. Default false. */
  readonly normalise?: boolean;
  /** Share λ of the covariance replaced by a multiple of the identity: (1 − λ) Σ + λ tr(Σ)/d · I. Default 0. */
  readonly shrinkage?: number;
}

const PAPERS = {
  plain:
    'Lee et al., 2018: A simple unified framework for detecting out-of-distribution samples (last layer, no input perturbation)',
  normalised: 'Müller and Hein, 2025: Mahalanobis++',
};

/**
 * Squared Mahalanobis distance to the nearest class mean: score = min_c (f − μ_c)ᵀ Σ⁻¹ (f − μ_c), with one covariance
 * within classes for all (divisor n). Needs features; fitted with labels, or with the argmax of the logits.
 */
export async function fitMahalanobis(
  training: TrainingRows,
  { normalise = false, shrinkage = 0 }: MahalanobisOptions = {},
): Promise<Detector> {
  const name = normalise ? 'mahalanobis++' : 'mahalanobis';
  requireShare(name, 'shrinkage', shrinkage);
  const prepare = (features: Matrix): Matrix & { data: Float64Array } =>
    normalise ? normaliseRows(features) : { ...features, data: Float64Array.from(features.data) };
  const features = prepare(requireTrainingMatrix(name, training, 'features'));
  const { means, covariance } = classStatistics(features, requireClasses(name, training));
  const factor = choleskyFactor(name, shrunk(covariance, features.cols, shrinkage), features.cols);
  const whiteMeans = whitenRows(factor, means.data);
  return {
    describe: () => ({
      name,
      title: normalise ? 'Mahalanobis++' : 'Mahalanobis',
      paper: normalise ? PAPERS.normalised : PAPERS.plain,
      needs: ['features'],
      parameters: { normalise, shrinkage, ridge: factor.ridge },
    }),
    score: async (rows, { signal } = {}) => {
      signal?.throwIfAborted();
      const matrix = requireMatrix(name, rows, 'features', features.cols);
      return nearestSquaredDistances(whitenRows(factor, prepare(matrix).data), whiteMeans, matrix.cols);
    },
    close: async () => {},
  };
}

function shrunk(covariance: Float64Array, dim: number, share: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < dim; i++) trace += covariance[i * dim + i];
  const result = covariance.map(value => (1 - share) * value);
  for (let i = 0; i < dim; i++) result[i * dim + i] += (share * trace) / dim;
  return result;
}

function nearestSquaredDistances(rows: Float64Array, means: Float64Array, dim: number): Float64Array {
  return Float64Array.from({ length: rows.length / dim }, (_, row) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (let mean = 0; mean < means.length; mean += dim) {
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += (rows[row * dim + i] - means[mean + i]) ** 2;
      if (sum < nearest) nearest = sum;
    }
    return nearest;
  });
}
