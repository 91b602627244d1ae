import * as tf from '@tensorflow/tfjs';

/** Columns of `x` in groups of the given sizes. (tfjs's gradient of a split into one part fails, so one part is `x` itself.) */
export function splitColumns(x: tf.Tensor2D, sizes: readonly number[]): tf.Tensor2D[] {
  return sizes.length === 1 ? [x] : (tf.split(x, [...sizes], 1) as tf.Tensor2D[]);
}
