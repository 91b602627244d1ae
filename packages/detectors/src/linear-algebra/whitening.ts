import { DetectorsError } from '../errors.ts';
import type { Moments } from '../statistics/moments.ts';
import { inverseRoot, pivotedCholesky, RANK_TOLERANCE, type RankOptions } from './cholesky.ts';
import type { Products } from './products.ts';

/** Largest relative error of one float32 number. */
const FLOAT32_ROUNDING = 2 ** -24;

/** Share of the largest variance that products of float64 leave to chance. */
const FLOAT64_ROUNDING = 1e-13;

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
 * @throws DetectorsError `SINGULAR_COVARIANCE` where no feature varies by more than rounding
 */
export async function whitening(
  where: string,
  covariance: Float64Array,
  dim: number,
  { products, tolerance = RANK_TOLERANCE, scale }: { readonly products: Products } & RankOptions,
): Promise<Whitening> {
  const factor = pivotedCholesky(covariance, dim, { tolerance, scale });
  const { lower, rank } = factor;
  if (rank === 0) throw constant(where, dim);
  if (rank === dim) return { dim, rank, matrix: inverseRoot(factor, dim) };
  const gram = await products.gram(lower, dim);
  const inner = pivotedCholesky(gram, rank, { tolerance: FLOAT64_ROUNDING });
  // Pivots just above the tolerance may leave a range that float64 cannot invert: its least directions go too.
  if (inner.rank < rank)
    return whitening(where, covariance, dim, { products, tolerance: 10 * tolerance, scale });
  const half = inverseRoot(inner, rank);
  const inverse = await products.multiplyTransposed(half, half, rank);
  return { dim, rank, matrix: await products.multiply(lower, inverse, rank) };
}

/**
 * The variance that rounding of such rows is to be measured by: that of the most variable feature over all rows, and what
 * float32 leaves of features far from 0.
 */
export function rowScale({ dim, mean, total }: Pick<Moments, 'dim' | 'mean' | 'total'>): number {
  const covariance = total();
  let scale = 0;
  for (let i = 0; i < dim; i++) {
    const offset = (mean[i]! * FLOAT32_ROUNDING) ** 2 / RANK_TOLERANCE;
    scale = Math.max(scale, covariance[i * (dim + 1)]!, offset);
  }
  return scale;
}

/** What to say of a rank that the number of rows limits. */
export function rankWarnings(
  { rank, dim }: Pick<Whitening, 'rank' | 'dim'>,
  { rows, counts }: Pick<Moments, 'rows' | 'counts'>,
): string[] {
  const free = rows - counts.size;
  if (rank >= dim || free >= dim) return [];
  return [
    `${rows} rows of ${counts.size} classes span only ${rank} of ${dim} directions within classes: what lies in the others is not seen; pass more rows`,
  ];
}

function constant(where: string, dim: number): DetectorsError {
  return new DetectorsError('SINGULAR_COVARIANCE', {
    where,
    expected: 'features that vary within classes',
    got: `a ${dim} × ${dim} covariance without variance beyond rounding`,
    advice:
      'check that the features are not constant, and that labels are classes of several rows each, not row numbers',
  });
}
