import * as tf from '@tensorflow/tfjs';
import { array } from '../contract/arrays.ts';
import { type Bijection, defineBijection } from '../contract/bijection.ts';

/** Keeps the log-scale of a constant column finite, as in the reference implementation. */
const STANDARD_DEVIATION_FLOOR = 1e-6;

/**
 * Activation normalisation (Kingma and Dhariwal 2018): z = (x − shift) · exp(−logScale), log-determinant −Σ logScale.
 *
 * Data-dependent initialisation: shift = batch mean, logScale = log(batch standard deviation + 1e-6) with divisor
 * n − 1, so that the first batch leaves with mean 0 and variance 1. A batch of one row has no deviation: only the shift is set.
 */
export function actNorm(dim: number): Bijection {
  return defineBijection({
    kind: 'act-norm',
    dim,
    options: { dim },
    parameters: { shift: [dim], logScale: [dim] },
    constants: {},
    linear: true,
    initialise: () => ({
      parameters: {
        shift: array([dim], new Float32Array(dim)),
        logScale: array([dim], new Float32Array(dim)),
      },
      constants: {},
    }),
    forward: ({ shift, logScale }, x) => ({
      value: tf.mul(tf.sub(x, shift!), tf.exp(tf.neg(logScale!))) as tf.Tensor2D,
      logDet: tf.neg(tf.sum(logScale!)),
    }),
    inverse: ({ shift, logScale }, z) => ({
      value: tf.add(tf.mul(z, tf.exp(logScale!)), shift!) as tf.Tensor2D,
      logDet: tf.sum(logScale!),
    }),
    adapt({ logScale }, x) {
      const shift = tf.mean(x, 0);
      if (x.shape[0] < 2) return { shift, logScale: logScale! };
      const squares = tf.sum(tf.square(tf.sub(x, shift)), 0);
      const count = tf.sum(tf.onesLike(tf.slice(x, [0, 0], [-1, 1])));
      const deviation = tf.sqrt(tf.div(squares, tf.sub(count, 1)));
      return { shift, logScale: tf.log(tf.add(deviation, STANDARD_DEVIATION_FLOOR)) };
    },
  });
}
