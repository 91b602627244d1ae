import type { Head } from '../contract/rows.ts';
import type { Products } from './products.ts';
import { whitening } from './whitening.ts';

/** Heads are nearly singular (adding a constant to all logits changes nothing); the published code keeps such directions. */
const TOLERANCE = 1e-15;
/** Each step takes about three digits of what squaring the weights lost. */
const REFINEMENTS = 6;

/** u = −W⁺ b `[d]`, the point nearest to 0 whose logits are (nearest to) 0; W⁺ the pseudo-inverse of the weights. */
export async function headOrigin(
  where: string,
  { weights, bias }: Head,
  products: Products,
): Promise<Float64Array> {
  const { rows: classes, cols } = weights;
  const w = new Float64Array(weights.data);
  const origin = new Float64Array(cols);
  if (!bias.some(value => value !== 0)) return origin;
  const wide = classes <= cols;
  const square = wide ? await products.multiplyTransposed(w, w, cols) : await products.gram(w, classes);
  const size = wide ? classes : cols;
  const { matrix: root, rank } = await whitening(where, square, size, { products, tolerance: TOLERANCE });
  const pseudoInverse = async (vector: Float64Array) =>
    products.multiplyTransposed(await products.multiply(vector, root, size), root, rank);
  for (let step = 0; step < REFINEMENTS; step++) {
    const logits = await products.multiplyTransposed(origin, w, cols);
    const rest = logits.map((value, c) => -bias[c]! - value);
    // W⁺ = Wᵀ (W Wᵀ)⁺ = (WᵀW)⁺ Wᵀ: whichever square is smaller.
    const change = wide
      ? await products.multiply(await pseudoInverse(rest), w, classes)
      : await pseudoInverse(await products.multiply(rest, w, classes));
    for (let i = 0; i < cols; i++) origin[i]! += change[i]!;
  }
  return origin;
}
