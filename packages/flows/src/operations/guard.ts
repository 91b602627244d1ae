import * as tf from '@tensorflow/tfjs';

/**
 * Largest magnitude that a coupling lets out. Between two such guards lie only maps that grow linearly, so that squares
 * and sums of what follows stay inside float32 (3.4e38): no infinity minus infinity, no NaN, for finite inputs of any size.
 */
export const LARGEST_VALUE = 1e12;

/** Largest |log-scale| of a map whose log-scale is unbounded on paper: e^40 = 2e17. Training never comes near. */
export const LARGEST_LOG_SCALE = 40;

/** `x` within ±{@link LARGEST_VALUE}. */
export function saturate<T extends tf.Tensor>(x: T): T {
  return tf.clipByValue(x, -LARGEST_VALUE, LARGEST_VALUE) as T;
}

/**
 * A log-scale s = c · tanh(raw / c) that cannot leave (-c, c), near the identity around 0; `bound` null means
 * unbounded as published, up to {@link LARGEST_LOG_SCALE}.
 */
export function boundLogScale(raw: tf.Tensor2D, bound: number | null): tf.Tensor2D {
  if (bound === null) return tf.clipByValue(raw, -LARGEST_LOG_SCALE, LARGEST_LOG_SCALE);
  return tf.mul(bound, tf.tanh(tf.div(raw, bound)));
}
