import { DetectorsError } from '../errors.ts';
import { inverseRoot, pivotedCholesky } from './cholesky.ts';
import type { Products } from './products.ts';

/** A linear map under which a covariance becomes the identity on its range. */
export interface Whitening {
  readonly dim: number;
  /** Directions with variance: `dim` unless features are dead or dependent. */
  readonly rank: number;
  /** W `[dim, rank]`, row-major, with W Wᵀ = Σ⁺ (pseudo-inverse): |x W|² = xᵀ Σ⁺ x. */
  readonly matrix: Float64Array;
}

/**
 * Whitening by the pseudo-inverse of a covariance: directions without variance on the ID rows count nothing, as in the
 * published implementations; a ridge would let a dead feature decide alone.
 *
 * Σ = L Lᵀ by Cholesky with pivoting, L `[d, rank]`; Σ⁺ = L (LᵀL)⁻² Lᵀ, so W = L (LᵀL)⁻¹.
 *
 * @throws DetectorsError `SINGULAR_COVARIANCE` where all features are constant
 */
export async function whitening(
  where: string,
  covariance: Float64Array,
  dim: number,
  { products, tolerance }: { readonly products: Products; readonly tolerance?: number },
): Promise<Whitening> {
  const factor = pivotedCholesky(covariance, dim, tolerance);
  const { lower, rank } = factor;
  if (rank === 0) throw constant(where, dim);
  if (rank === dim) return { dim, rank, matrix: inverseRoot(factor, dim) };
  const gram = await products.gram(lower, dim);
  const inner = pivotedCholesky(gram, rank, tolerance);
  if (inner.rank < rank) throw constant(where, dim);
  const half = inverseRoot(inner, rank);
  const inverse = await products.multiplyTransposed(half, half, rank);
  return { dim, rank, matrix: await products.multiply(lower, inverse, rank) };
}

function constant(where: string, dim: number): DetectorsError {
  return new DetectorsError('SINGULAR_COVARIANCE', {
    where,
    expected: 'features that vary within classes',
    got: `a ${dim} × ${dim} covariance without variance`,
    advice: 'check that the features are not constant, and that classes have several rows',
  });
}
