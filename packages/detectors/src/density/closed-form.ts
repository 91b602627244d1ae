import type { NumericArray } from '../contract/method.ts';
import type { Formula, Value } from '../formula/formula.ts';
import type { ClassModel } from './class-model.ts';

type Arrays = Readonly<Record<string, NumericArray>>;

/**
 * The arrays of the closed form: −log Σ_c π_c exp(−½ [Σ_j (u_j − m_cj)² (1/v_cj − γ/(1 + b_j)) + Σ_j log v_cj]), a soft minimum over
 * the classes of the distance within classes less γ times that to all rows. With `residual`, what lies beyond the directions counts
 * with ½ (1 − γ) of its own variance's distance.
 */
export function closedFormArrays(
  model: ClassModel,
  { background, residual }: { readonly background: number; readonly residual: boolean },
): Arrays {
  const { mean, map, directions: R, between, means, variances, priors, basis, residualVariance } = model;
  const classes = priors.length;
  const squares = new Float64Array(R * classes);
  const products = new Float64Array(R * classes);
  const offsets = priors.map(prior => -2 * Math.log(prior));
  for (let c = 0; c < classes; c++) {
    for (let j = 0; j < R; j++) {
      const [v, m] = [variances[c * R + j]!, means[c * R + j]!];
      const weight = 1 / v - background / (1 + between[j]!);
      squares[j * classes + c] = weight;
      products[j * classes + c] = -2 * weight * m;
      offsets[c]! += weight * m * m + Math.log(v);
    }
  }
  const dim = mean.length;
  return {
    mean: { shape: [dim], data: mean },
    map: { shape: [dim, R], data: map },
    squares: { shape: [R, classes], data: squares },
    products: { shape: [R, classes], data: products },
    offsets: { shape: [1, classes], data: offsets },
    ...(residual &&
      basis && {
        directions: { shape: [R, dim], data: basis },
        residual: { shape: [1], data: Float64Array.of((0.5 * (1 - background)) / residualVariance) },
      }),
  };
}

/** u = Aᵀ(z − μ) `[batch, R]` of unit rows. */
export function mapped(f: Formula, unit: Value, { mean, map }: Arrays): Value {
  return f.matMul(f.subtract(unit, f.constant(mean!)), f.constant(map!));
}

/** The closed form `[batch, 1]` of unit rows; see `closedFormArrays`. */
export function closedForm(f: Formula, unit: Value, arrays: Arrays): Value {
  const u = mapped(f, unit, arrays);
  const squares = f.matMul(f.multiply(u, u), f.constant(arrays.squares!));
  const products = f.matMul(u, f.constant(arrays.products!));
  const distances = f.add(f.add(squares, products), f.constant(arrays.offsets!));
  const score = f.negate(f.logSumExp(f.multiply(distances, -0.5)));
  if (arrays.directions === undefined) return score;
  const centered = f.subtract(unit, f.constant(arrays.mean!));
  const within = f.matMul(centered, f.transpose(f.constant(arrays.directions), [1, 0]));
  const beyond = f.atLeast(f.subtract(f.sumOfSquares(centered), f.sumOfSquares(within)), 0);
  return f.add(score, f.multiply(beyond, f.constant(arrays.residual!)));
}
