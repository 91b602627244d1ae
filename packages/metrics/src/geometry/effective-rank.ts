import { type Matrix, symmetricEigenSteps, symmetricEigenWork } from '@ood/core';
import { requireMatrix, requireSquarable } from '../input/matrix.ts';
import { covariance, covarianceWork } from './covariance.ts';
import { createPacer, type LongRunOptions, paced } from './pause.ts';

/** How many directions the features really use. */
export interface EffectiveRank {
  /** exp(−Σ pᵢ log pᵢ), pᵢ = σᵢ / Σ σ over the singular values of the centred features; between 1 and dim, 0 for constant features. */
  readonly effectiveRank: number;
  /** (Σ λ)² / Σ λ² over the variances λ = σ² / n: dominated by the largest directions. */
  readonly participationRatio: number;
  /** Variance along each principal direction, descending, feature units squared. */
  readonly spectrum: Float64Array;
}

/**
 * Effective rank of `features` `[samples, dim]`, centred by their mean.
 *
 * From the covariance matrix, in blocks of rows: n · dim² / 2 multiplications plus about dim³ for the eigenvalues. Use a sample of the
 * rows where that is too much.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`, `INVALID_VALUE` (entries beyond 1e150, whose squares overflow), `NO_CONVERGENCE`, `ABORTED`
 * @see Roy & Vetterli (2007), EUSIPCO
 */
export async function effectiveRank(features: Matrix, options: LongRunOptions = {}): Promise<EffectiveRank> {
  requireMatrix('effectiveRank', 'features', features);
  requireSquarable('effectiveRank', 'features', features);
  const pace = createPacer(
    'effectiveRank',
    covarianceWork(features) + symmetricEigenWork(features.cols, { vectors: false }),
    options,
  );
  const matrix = await covariance(features, pace);
  const { values } = await paced(symmetricEigenSteps(matrix, features.cols, { vectors: false }), pace);
  pace.finish();
  // Rounding can leave a zero variance slightly negative.
  const spectrum = values.map(value => Math.max(0, value));
  const total = spectrum.reduce((sum, value) => sum + value, 0);
  if (total === 0) return { effectiveRank: 0, participationRatio: 0, spectrum };
  const singular = spectrum.map(value => (value > 1e-14 * spectrum[0]! ? Math.sqrt(value) : 0));
  const singularTotal = singular.reduce((sum, value) => sum + value, 0);
  let entropy = 0;
  for (const value of singular) {
    const p = value / singularTotal;
    if (p > 0) entropy -= p * Math.log(p);
  }
  const squares = spectrum.reduce((sum, value) => sum + (value / total) ** 2, 0);
  return { effectiveRank: Math.exp(entropy), participationRatio: 1 / squares, spectrum };
}
