import { permutation as randomOrder } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { array, type Weights } from '../contract/arrays.ts';
import { type Bijection, defineBijection } from '../contract/bijection.ts';
import { FlowsError } from '../errors.ts';
import { inversePermutation, permute } from '../operations/permute.ts';

/** A fixed random reordering of the components: z_j = x_order[j], log-determinant 0. */
export function permutation(dim: number): Bijection {
  return defineBijection({
    kind: 'permutation',
    dim,
    options: { dim },
    parameters: {},
    constants: { order: [dim], inverse: [dim] },
    initialize: rng => permutationWeights(randomOrder(dim, rng)),
    forward: ({ order, inverse }, x) => ({
      value: permute(x, order as tf.Tensor1D, inverse as tf.Tensor1D),
      logDet: tf.scalar(0),
    }),
    inverse: ({ order, inverse }, z) => ({
      value: permute(z, inverse as tf.Tensor1D, order as tf.Tensor1D),
      logDet: tf.scalar(0),
    }),
  });
}

/**
 * The weights of a {@link permutation} with the given order: each of 0 … dim − 1 once.
 *
 * @throws FlowsError `INVALID_OPTION` for anything else.
 */
export function permutationWeights(order: ArrayLike<number>): Weights {
  const places = new Set(Array.from(order));
  if (places.size !== order.length || Array.from(places).some(place => !(place in order))) {
    throw new FlowsError('INVALID_OPTION', {
      where: 'permutationWeights',
      expected: `each of 0 … ${order.length - 1} once`,
      got: Array.from(order).join(', '),
      advice: 'pass a permutation',
    });
  }
  const shape = [order.length];
  return {
    parameters: {},
    constants: { order: array(shape, order), inverse: array(shape, inversePermutation(order)) },
  };
}
