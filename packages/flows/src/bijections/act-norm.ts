import * as tf from '@tensorflow/tfjs';
import { array } from '../contract/arrays.ts';
import { type Bijection, defineBijection } from '../contract/bijection.ts';

/** Added to every standard deviation, as in the reference implementation. */
const STANDARD_DEVIATION_FLOOR = 1e-6;

/** A standard deviation below this share of the mean is what rounding leaves of a constant column. */
const ROUNDING = 1e-6;

/**
 * Activation normalization (Kingma and Dhariwal 2018): z = (x − shift) · exp(−logScale), log-determinant −Σ logScale.
 *
 * Data-dependent initialization: shift = batch mean, logScale = log(batch standard deviation + 1e-6) with divisor
 * n − 1, so that the first batch leaves with mean 0 and variance 1. Where there is no deviation (a column that is constant in
 * the batch, a batch of one row) only the shift is set: the reference implementation scales such a column by 1e6, once more in
 * every ActNorm, and a single dead unit of a ReLU network then drowns all others.
 */
export function actNorm(dim: number): Bijection {
  return defineBijection({
    kind: 'act-norm',
    dim,
    options: { dim },
    parameters: { shift: [dim], logScale: [dim] },
    constants: {},
    linear: true,
    initialize: () => ({
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
      const squares = tf.sum(tf.square(tf.sub(x, shift)), 0);
      const count = tf.sum(tf.onesLike(tf.slice(x, [0, 0], [-1, 1])));
      const deviation = tf.sqrt(tf.div(squares, tf.maximum(tf.sub(count, 1), 1)));
      const varies = tf.greater(deviation, tf.mul(tf.abs(shift), ROUNDING));
      const fitted = tf.log(tf.add(deviation, STANDARD_DEVIATION_FLOOR));
      return { shift, logScale: tf.where(varies, fitted, logScale!) };
    },
  });
}
