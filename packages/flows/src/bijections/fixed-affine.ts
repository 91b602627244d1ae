import * as tf from '@tensorflow/tfjs';
import { array, type Weights } from '../contract/arrays.ts';
import { type Bijection, defineBijection } from '../contract/bijection.ts';

/**
 * A fixed invertible affine map z = (x − mean) · matrix, log-determinant log |det matrix|: standardization, PCA, ZCA or
 * within-class whitening, as the weights say (see `standardization`, `whitening`). Starts as the identity.
 */
export function fixedAffine(dim: number): Bijection {
  return defineBijection({
    kind: 'fixed-affine',
    dim,
    options: { dim },
    parameters: {},
    constants: { mean: [dim], matrix: [dim, dim], inverse: [dim, dim], logDet: [] },
    linear: true,
    initialize: () => {
      const identity = Float64Array.from({ length: dim * dim }, (_, i) => (i % (dim + 1) === 0 ? 1 : 0));
      return fixedAffineWeights({
        mean: new Float64Array(dim),
        matrix: identity,
        inverse: identity,
        logDet: 0,
      });
    },
    forward: ({ mean, matrix, logDet }, x) => ({
      value: tf.matMul(tf.sub(x, mean!) as tf.Tensor2D, matrix as tf.Tensor2D) as tf.Tensor2D,
      logDet: logDet!,
    }),
    inverse: ({ mean, inverse, logDet }, z) => ({
      value: tf.add(tf.matMul(z, inverse as tf.Tensor2D), mean!) as tf.Tensor2D,
      logDet: tf.neg(logDet!),
    }),
  });
}

/** An affine map with its inverse, row-major float64. */
export interface AffineNumbers {
  readonly mean: Float64Array;
  readonly matrix: Float64Array;
  readonly inverse: Float64Array;
  /** log |det matrix|. */
  readonly logDet: number;
}

/** The weights of a {@link fixedAffine} that is the given map. */
export function fixedAffineWeights({ mean, matrix, inverse, logDet }: AffineNumbers): Weights {
  const dim = mean.length;
  return {
    parameters: {},
    constants: {
      mean: array([dim], mean),
      matrix: array([dim, dim], matrix),
      inverse: array([dim, dim], inverse),
      logDet: array([], [logDet]),
    },
  };
}
