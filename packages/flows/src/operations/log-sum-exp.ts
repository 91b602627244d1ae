import * as tf from '@tensorflow/tfjs';

/** log Σ_k exp(x_k) over the last axis of `[batch, K]`, shifted by the largest term so that nothing overflows. */
export function logSumExp(x: tf.Tensor2D): tf.Tensor1D {
  const largest = tf.max(x, 1, true);
  const sum = tf.sum(tf.exp(tf.sub(x, largest)), 1);
  return tf.add(tf.log(sum), tf.squeeze(largest, [1])) as tf.Tensor1D;
}
