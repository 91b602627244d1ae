import type { DenseArray } from '@ood/core';
import { type Bijection, defineBijection } from '@ood/flows';
import * as tf from '@tensorflow/tfjs';

/** z = x where x ≥ 0 and x · exp(logSlope) elsewhere: a bijection that is not part of the package. */
export function leaky(dim: number): Bijection {
  // Where x is negative, 1; elsewhere 0.
  const negative = (x: tf.Tensor2D) => tf.step(tf.neg(x));
  const logSlope: DenseArray<Float32Array> = { shape: [dim], data: new Float32Array(dim).fill(-0.5) };
  return defineBijection({
    kind: 'leaky',
    dim,
    options: { dim },
    parameters: { logSlope: [dim] },
    constants: {},
    initialize: () => ({ parameters: { logSlope }, constants: {} }),
    forward({ logSlope }, x) {
      const logDerivative = tf.mul(negative(x), logSlope!);
      return { value: tf.mul(x, tf.exp(logDerivative)) as tf.Tensor2D, logDet: tf.sum(logDerivative, 1) };
    },
    inverse({ logSlope }, z) {
      const logDerivative = tf.mul(negative(z), logSlope!);
      return {
        value: tf.mul(z, tf.exp(tf.neg(logDerivative))) as tf.Tensor2D,
        logDet: tf.neg(tf.sum(logDerivative, 1)),
      };
    },
  });
}
