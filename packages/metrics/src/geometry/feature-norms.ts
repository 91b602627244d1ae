import { type Matrix, rowNorms } from '@ood/core';
import { requireMatrix } from '../input/matrix.ts';
import { quantileOfSorted } from '../uncertainty/quantile.ts';

/** The distribution of the rows' Euclidean lengths, in feature units. */
export interface FeatureNorms {
  readonly mean: number;
  /** Divisor n − 1; 0 for one row. */
  readonly standardDeviation: number;
  readonly min: number;
  readonly max: number;
  /** 5 %, 50 % and 95 % quantiles. */
  readonly quantiles: readonly [p05: number, p50: number, p95: number];
  /** Rows of zeros: they have no direction and no place on the unit sphere. */
  readonly zeroRows: number;
}

/**
 * Summary of ‖fᵢ‖₂ over the rows of `features` `[samples, dim]`.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `WRONG_SHAPE`
 */
export function featureNorms(features: Matrix): FeatureNorms {
  requireMatrix('featureNorms', 'features', features);
  const norms = rowNorms(features).sort();
  const mean = norms.reduce((sum, norm) => sum + norm / norms.length, 0);
  const scale = norms[norms.length - 1]! || 1;
  const squares = norms.reduce((sum, norm) => sum + ((norm - mean) / scale) ** 2, 0);
  return {
    mean,
    standardDeviation: scale * Math.sqrt(squares / Math.max(1, norms.length - 1)),
    min: norms[0]!,
    max: norms[norms.length - 1]!,
    quantiles: [quantileOfSorted(norms, 0.05), quantileOfSorted(norms, 0.5), quantileOfSorted(norms, 0.95)],
    zeroRows: norms.filter(norm => norm === 0).length,
  };
}
