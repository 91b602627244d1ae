import * as tf from '@tensorflow/tfjs';

/** Unconstrained shape of a spline for each of `[batch, dim]` numbers; K bins. */
export interface SplineParameters {
  /** `[batch, dim, K]`. */
  readonly widths: tf.Tensor3D;
  /** `[batch, dim, K]`. */
  readonly heights: tf.Tensor3D;
  /** `[batch, dim, K − 1]`, at the inner knots; the outer slopes are 1. */
  readonly derivatives: tf.Tensor3D;
}

export interface SplineOptions {
  /** The spline lives on [−bound, bound] and is the identity outside. */
  readonly bound: number;
  /** Smallest slope of a bin and of a knot, roughly; the largest is its reciprocal. Default: 1e-3. */
  readonly slope?: number;
}

/**
 * Monotone rational-quadratic spline (Durkan et al. 2019): value and log |dy/dx| of every number, `[batch, dim]`.
 *
 * Parameters become knots as in zuko: w / (1 + |2w / ln slope|), softmax, cumulative sum; slopes exp(d / (1 + |d / ln slope|)).
 * All zeros is the identity.
 */
export function rationalQuadraticSpline(
  x: tf.Tensor2D,
  parameters: SplineParameters,
  { bound, slope = 1e-3 }: SplineOptions,
  direction: 'forward' | 'inverse' = 'forward',
): { value: tf.Tensor2D; logDerivative: tf.Tensor2D } {
  const across = edges(parameters.widths, bound, slope);
  const up = edges(parameters.heights, bound, slope);
  const clipped = tf.clipByValue(x, -bound, bound);
  const inBin = oneHot(clipped, direction === 'forward' ? across.left : up.left);
  const pick = (values: tf.Tensor) => tf.sum(tf.mul(inBin, values), -1) as tf.Tensor2D;
  const bin = {
    x: pick(across.left),
    width: pick(across.size),
    y: pick(up.left),
    height: pick(up.size),
    ...slopes(inBin, parameters.derivatives, slope),
  };
  const position = direction === 'forward' ? tf.div(tf.sub(clipped, bin.x), bin.width) : solve(clipped, bin);
  const at = tf.clipByValue(position, 0, 1) as tf.Tensor2D;
  const { y, logDerivative } = evaluate(at, bin);
  const result = direction === 'forward' ? y : tf.add(bin.x, tf.mul(at, bin.width));
  const inside = tf.greaterEqual(bound, tf.abs(x));
  const logSlope = direction === 'forward' ? logDerivative : tf.neg(logDerivative);
  return {
    value: tf.where(inside, result, x) as tf.Tensor2D,
    logDerivative: tf.where(inside, logSlope, tf.zerosLike(x)) as tf.Tensor2D,
  };
}

interface Bin {
  readonly x: tf.Tensor2D;
  readonly width: tf.Tensor2D;
  readonly y: tf.Tensor2D;
  readonly height: tf.Tensor2D;
  readonly slopeLeft: tf.Tensor2D;
  readonly slopeRight: tf.Tensor2D;
}

/** Sizes of the bins along one axis and their left edges, `[batch, dim, K]`. */
function edges(raw: tf.Tensor3D, bound: number, slope: number): { left: tf.Tensor; size: tf.Tensor } {
  const bins = raw.shape[2];
  const soft = tf.softmax(tf.div(raw, tf.add(1, tf.abs(tf.mul(raw, 2 / Math.log(slope))))));
  const index = tf.range(0, bins);
  const earlier = tf.step(tf.sub(tf.expandDims(index, 0), tf.expandDims(index, 1)));
  const before = tf.matMul(tf.reshape(soft, [-1, bins]), earlier as tf.Tensor2D);
  return {
    left: tf.mul(tf.sub(tf.mul(tf.reshape(before, raw.shape), 2), 1), bound),
    size: tf.mul(soft, 2 * bound),
  };
}

/** 1 at the bin that holds x, `[batch, dim, K]`. */
function oneHot(x: tf.Tensor2D, left: tf.Tensor): tf.Tensor {
  const bins = left.shape[2]!;
  const reached = tf.sub(1, tf.step(tf.sub(tf.slice(left, [0, 0, 1]), tf.expandDims(x, 2))));
  const first = tf.slice(reached, [0, 0, 0], [-1, -1, 1]);
  const last = tf.slice(reached, [0, 0, bins - 2], [-1, -1, 1]);
  if (bins === 2) return tf.concat([tf.sub(1, first), last], 2);
  const between = tf.sub(
    tf.slice(reached, [0, 0, 0], [-1, -1, bins - 2]),
    tf.slice(reached, [0, 0, 1], [-1, -1, bins - 2]),
  );
  return tf.concat([tf.sub(1, first), between, last], 2);
}

function slopes(
  inBin: tf.Tensor,
  raw: tf.Tensor3D,
  slope: number,
): { slopeLeft: tf.Tensor2D; slopeRight: tf.Tensor2D } {
  const inner = inBin.shape[2]! - 1;
  const knots = tf.exp(tf.div(raw, tf.add(1, tf.abs(tf.div(raw, Math.log(slope))))));
  const at = (from: number, ends: number) =>
    tf.add(
      tf.sum(tf.mul(tf.slice(inBin, [0, 0, from], [-1, -1, inner]), knots), -1),
      tf.squeeze(tf.slice(inBin, [0, 0, ends], [-1, -1, 1]), [2]),
    ) as tf.Tensor2D;
  return { slopeLeft: at(1, 0), slopeRight: at(0, inner) };
}

/** y and log dy/dx at the relative position in the bin. */
function evaluate(at: tf.Tensor2D, bin: Bin): { y: tf.Tensor2D; logDerivative: tf.Tensor2D } {
  const secant = tf.div(bin.height, bin.width);
  const rest = tf.sub(1, at);
  const middle = tf.mul(at, rest);
  const bend = tf.sub(tf.add(bin.slopeRight, bin.slopeLeft), tf.mul(secant, 2));
  const divisor = tf.add(secant, tf.mul(bend, middle));
  const rise = tf.add(tf.mul(secant, tf.square(at)), tf.mul(bin.slopeLeft, middle));
  const ends = tf.add(tf.mul(bin.slopeRight, tf.square(at)), tf.mul(bin.slopeLeft, tf.square(rest)));
  const numerator = tf.add(ends, tf.mul(tf.mul(secant, 2), middle));
  return {
    y: tf.add(bin.y, tf.div(tf.mul(bin.height, rise), divisor)),
    logDerivative: tf.add(tf.mul(tf.sub(tf.log(secant), tf.log(divisor)), 2), tf.log(numerator)),
  };
}

/** The relative position in the bin at which the spline has height y: the root of a quadratic, in its stable form. */
function solve(y: tf.Tensor2D, bin: Bin): tf.Tensor2D {
  const secant = tf.div(bin.height, bin.width);
  const climbed = tf.sub(y, bin.y);
  const bend = tf.mul(climbed, tf.sub(tf.add(bin.slopeRight, bin.slopeLeft), tf.mul(secant, 2)));
  const a = tf.add(tf.mul(bin.height, tf.sub(secant, bin.slopeLeft)), bend);
  const b = tf.sub(tf.mul(bin.height, bin.slopeLeft), bend);
  const c = tf.neg(tf.mul(secant, climbed));
  const root = tf.sqrt(tf.relu(tf.sub(tf.square(b), tf.mul(tf.mul(a, c), 4))));
  return tf.div(tf.mul(c, 2), tf.neg(tf.add(b, root)));
}
