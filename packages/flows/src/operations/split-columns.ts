import * as tf from '@tensorflow/tfjs';

/** Columns of `x` in groups of the given sizes. (tfjs's gradient of a split into one part fails, so one part is `x` itself.) */
export function splitColumns(x: tf.Tensor2D, sizes: readonly number[]): tf.Tensor2D[] {
  return sizes.length === 1 ? [x] : (tf.split(x, [...sizes], 1) as tf.Tensor2D[]);
}

/** Entries of a vector in groups of the given sizes. */
export function splitEntries(x: tf.Tensor1D, sizes: readonly number[]): tf.Tensor1D[] {
  return sizes.length === 1 ? [x] : (tf.split(x, [...sizes]) as tf.Tensor1D[]);
}

/** The columns of all parts, side by side. */
export function joinColumns(parts: readonly tf.Tensor2D[]): tf.Tensor2D {
  return parts.length === 1 ? parts[0]! : tf.concat([...parts], 1);
}
