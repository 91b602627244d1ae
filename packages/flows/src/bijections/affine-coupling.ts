import { listOf, orNull, positive, requireOptions, whole } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { prefixed, scope } from '../contract/arrays.ts';
import { type Bijection, defineBijection, requireDimension } from '../contract/bijection.ts';
import { perceptron } from '../networks/perceptron.ts';
import { boundLogScale, saturate } from '../operations/guard.ts';
import { type Kept, keptPart, partition } from '../operations/partition.ts';

export interface AffineCouplingOptions {
  /** The components that pass unchanged and steer the others. Default: `'even'`. */
  readonly kept?: Kept;
  /** Hidden widths of the scale and shift networks. Default: one layer of width `dim`. */
  readonly hidden?: readonly number[];
  /** The log-scale stays within ±bound by a scaled tanh; null: unbounded, as published. Default: null. */
  readonly bound?: number | null;
}

/**
 * Affine coupling (Dinh et al. 2017) in half-split form: the kept half x₁ passes, and
 * z₂ = (x₂ − t(x₁)) · exp(−s(x₁)), log-determinant −Σ s(x₁).
 *
 * The ReLU networks s and t see and produce halves only: the same function as masked full-width networks, at half the
 * work. They are initialized for the full width's fan-in, with a last layer of zeros, so that the map starts as the identity.
 */
export function affineCoupling(
  dim: number,
  { kept = 'even', hidden = [dim], bound = null, ...rest }: AffineCouplingOptions = {},
): Bijection {
  requireDimension('affine-coupling', dim, 2);
  const rules = { kept: keptPart, hidden: listOf(whole), bound: orNull(positive) };
  requireOptions('affine-coupling', { kept, hidden, bound, ...rest }, rules);
  const parts = partition(kept, dim);
  const network = perceptron([parts.kept, ...hidden, parts.changed], { fanIn: dim });
  const steer = (weights: Readonly<Record<string, tf.Tensor>>, x: tf.Tensor2D) => ({
    logScale: boundLogScale(network.apply(scope(weights, 'scale'), x), bound),
    shift: network.apply(scope(weights, 'shift'), x),
  });
  return defineBijection({
    kind: 'affine-coupling',
    dim,
    options: { dim, kept, hidden, bound },
    parameters: { ...prefixed(network.shapes, 'scale'), ...prefixed(network.shapes, 'shift') },
    constants: {},
    initialize: rng => ({
      parameters: {
        ...prefixed(network.initialize(rng), 'scale'),
        ...prefixed(network.initialize(rng), 'shift'),
      },
      constants: {},
    }),
    forward(weights, x) {
      const { kept, changed } = parts.split(x);
      const { logScale, shift } = steer(weights, kept);
      const moved = saturate(tf.mul(tf.sub(changed, shift), tf.exp(tf.neg(logScale))) as tf.Tensor2D);
      return { value: parts.join({ kept, changed: moved }), logDet: tf.neg(tf.sum(logScale, 1)) };
    },
    inverse(weights, z) {
      const { kept, changed } = parts.split(z);
      const { logScale, shift } = steer(weights, kept);
      const moved = saturate(tf.add(tf.mul(changed, tf.exp(logScale)), shift) as tf.Tensor2D);
      return { value: parts.join({ kept, changed: moved }), logDet: tf.sum(logScale, 1) };
    },
  });
}
