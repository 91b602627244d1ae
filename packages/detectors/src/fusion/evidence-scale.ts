import { fitSmoothedTail, smoothedLogPValues } from '@ood/metrics';
import type { NumericArray } from '../contract/method.ts';
import type { Sides } from '../contract/sides.ts';
import type { Formula, Value } from '../formula/formula.ts';

/** Knots between the smallest reference score and the tail. */
const KNOTS = 48;

/**
 * −log p of a score, p its one-sided p-value among ID reference scores, as a continuous piecewise linear function: Σ_k slope_k ·
 * clip(s − x_k, 0, width_k), all slopes ≥ 0. Zero for scores below all of the reference, so that being unusually *normal* is
 * no evidence; beyond a high percentile it grows linearly (an exponential tail), so that it never saturates.
 */
export interface EvidenceScale {
  readonly knots: Float64Array;
  readonly widths: Float64Array;
  readonly slopes: Float64Array;
}

/** Stands for the endless width of the last piece. */
const ENDLESS = 1e30;

/** A tail shorter than this share of the references' spread would leave float32. */
const STEEPEST = 1e-6;

/** `from`: quantile from which on the tail is exponential, default 0.9. @throws MetricsError `CONSTANT_INPUT` where all scores are equal */
export function fitEvidenceScale(
  reference: Float64Array,
  { from = 0.9 }: { readonly from?: number } = {},
): EvidenceScale {
  const tail = fitSmoothedTail(reference, { from });
  const spread = tail.sorted[tail.sorted.length - 1]! - tail.sorted[0]!;
  const below = tail.sorted.filter(score => score <= tail.start);
  const quantiles = Array.from({ length: KNOTS }, (_, k) =>
    Math.round((k / (KNOTS - 1)) * (below.length - 1)),
  );
  const knots = [...new Set(quantiles.map(index => below[index]!))];
  const values = smoothedLogPValues(tail, knots).map(value => -value);
  // The tail starts from the p-value seen from above, a little more than at its last knot.
  values[values.length - 1] = -Math.log(tail.startP);
  const widths = knots.map((knot, k) => (k + 1 < knots.length ? knots[k + 1]! - knot : ENDLESS));
  const slopes = knots.map((_, k) =>
    k + 1 < knots.length
      ? Math.max(0, values[k + 1]! - values[k]!) / widths[k]!
      : 1 / Math.max(tail.scale, STEEPEST * spread, 1e-30),
  );
  return {
    knots: Float64Array.from(knots),
    widths: Float64Array.from(widths),
    slopes: Float64Array.from(slopes),
  };
}

/** A scale as arrays under a prefix. */
export function scaleArrays(prefix: string, scale: EvidenceScale): Record<string, NumericArray> {
  return Object.fromEntries(
    Object.entries(scale).map(([name, data]: [string, Float64Array]) => [
      `${prefix}.${name}`,
      { shape: [1, data.length], data },
    ]),
  );
}

/** −log p `[batch, 1]` of scores `[batch, 1]`, the scale's arrays under the prefix. */
export function evidence(
  f: Formula,
  score: Value,
  { arrays, prefix }: { arrays: Readonly<Record<string, NumericArray>>; prefix: string },
): Value {
  const beyond = f.subtract(score, f.constant(arrays[`${prefix}.knots`]!));
  const clipped = f.atMost(f.atLeast(beyond, 0), f.constant(arrays[`${prefix}.widths`]!));
  return f.sum(f.multiply(clipped, f.constant(arrays[`${prefix}.slopes`]!)));
}

/** The arrays of a scale under a prefix, for `stores`. */
export function scaleSides(prefix: string): Record<string, Sides> {
  const sides: Sides = [1, `knots of ${prefix}`];
  return { [`${prefix}.knots`]: sides, [`${prefix}.widths`]: sides, [`${prefix}.slopes`]: sides };
}
