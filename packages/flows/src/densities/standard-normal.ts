import * as tf from '@tensorflow/tfjs';
import { noWeights } from '../contract/arrays.ts';
import { type Density, defineDensity } from '../contract/density.ts';
import { normalArray } from '../random.ts';

/** log 2π. */
export const LOG_TWO_PI = Math.log(2 * Math.PI);

/** N(0, I): log p(z) = −½ Σ z² − ½ dim · log 2π. */
export function standardNormal(dim: number): Density {
  return defineDensity({
    kind: 'standard-normal',
    dim,
    options: { dim },
    parameters: {},
    constants: {},
    initialize: () => noWeights,
    logProb: (_, z) => tf.sub(tf.mul(tf.sum(tf.square(z), 1), -0.5), 0.5 * dim * LOG_TWO_PI) as tf.Tensor1D,
    sample: (_, count, rng) => ({ rows: count, cols: dim, data: normalArray(count * dim, rng) }),
  });
}
