import { listOf, positive, requireOptions, whole, wholeFrom } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { type NamedTensors, prefixed, scope } from '../contract/arrays.ts';
import { type Bijection, defineBijection, requireDimension } from '../contract/bijection.ts';
import { perceptron } from '../networks/perceptron.ts';
import { type Kept, keptPart, partition } from '../operations/partition.ts';
import { rationalQuadraticSpline, type SplineParameters } from '../operations/rational-quadratic-spline.ts';

export interface SplineCouplingOptions {
  /** The components that pass unchanged and steer the others. Default: `'even'`. */
  readonly kept?: Kept;
  /** Hidden widths of the network. Default: one layer of width `dim`. */
  readonly hidden?: readonly number[];
  /** Bins of each spline, at least 2. Default: 8. */
  readonly bins?: number;
  /** The splines live on [−bound, bound] and are the identity outside. Default: 5. */
  readonly bound?: number;
}

/**
 * Rational-quadratic spline coupling (Durkan et al. 2019): the kept half x₁ passes; every other component goes through a
 * monotone spline whose knots a ReLU network of x₁ sets; log-determinant Σ log dy/dx. Starts as the identity.
 */
export function splineCoupling(
  dim: number,
  { kept = 'even', hidden = [dim], bins = 8, bound = 5, ...rest }: SplineCouplingOptions = {},
): Bijection {
  requireDimension('spline-coupling', dim, 2);
  const rules = { kept: keptPart, hidden: listOf(whole), bins: wholeFrom(2), bound: positive };
  requireOptions('spline-coupling', { kept, hidden, bins, bound, ...rest }, rules);
  const parts = partition(kept, dim);
  const each = 3 * bins - 1;
  const network = perceptron([parts.kept, ...hidden, parts.changed * each]);
  const transform = (direction: 'forward' | 'inverse') => (weights: NamedTensors, x: tf.Tensor2D) => {
    const { kept, changed } = parts.split(x);
    const steering = network.apply(scope(weights, 'network'), kept);
    const raw = tf.reshape(steering, [-1, parts.changed, each]) as tf.Tensor3D;
    const { value, logDerivative } = rationalQuadraticSpline(
      changed,
      shares(raw, bins),
      { bound },
      direction,
    );
    return { value: parts.join({ kept, changed: value }), logDet: tf.sum(logDerivative, 1) };
  };
  return defineBijection({
    kind: 'spline-coupling',
    dim,
    options: { dim, kept, hidden, bins, bound },
    parameters: prefixed(network.shapes, 'network'),
    constants: {},
    initialize: rng => ({ parameters: prefixed(network.initialize(rng), 'network'), constants: {} }),
    forward: transform('forward'),
    inverse: transform('inverse'),
  });
}

function shares(raw: tf.Tensor3D, bins: number): SplineParameters {
  const [widths, heights, derivatives] = tf.split(raw, [bins, bins, bins - 1], 2) as tf.Tensor3D[];
  return { widths: widths!, heights: heights!, derivatives: derivatives! };
}
