import * as tf from '@tensorflow/tfjs';
import { array } from '../contract/arrays.ts';
import { type Density, defineDensity } from '../contract/density.ts';
import { LOG_TWO_PI } from './standard-normal.ts';

/** N(mean, diag(exp(2 logScale))) with trained `mean` and `logScale`; starts as N(0, I). */
export function diagonalNormal(dim: number): Density {
  return defineDensity({
    kind: 'diagonal-normal',
    dim,
    options: { dim },
    parameters: { mean: [dim], logScale: [dim] },
    constants: {},
    initialize: () => ({
      parameters: {
        mean: array([dim], new Float32Array(dim)),
        logScale: array([dim], new Float32Array(dim)),
      },
      constants: {},
    }),
    logProb({ mean, logScale }, z) {
      const standard = tf.mul(tf.sub(z, mean!), tf.exp(tf.neg(logScale!)));
      const constant = tf.add(tf.sum(logScale!), 0.5 * dim * LOG_TWO_PI);
      return tf.sub(tf.mul(tf.sum(tf.square(standard), 1), -0.5), constant) as tf.Tensor1D;
    },
    sample({ parameters: { mean, logScale } }, count, rng) {
      const data = Float32Array.from({ length: count * dim }, (_, i) => {
        const j = i % dim;
        return mean!.data[j]! + Math.exp(logScale!.data[j]!) * rng.normal();
      });
      return { rows: count, cols: dim, data };
    },
  });
}
