import { count, listOf, type Rule, requireOptions, whole, wholeUpTo } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { array, type NamedTensors } from '../contract/arrays.ts';
import { type Bijection, defineBijection, requireDimension } from '../contract/bijection.ts';
import { lipschitzPerceptron } from '../networks/lipschitz-perceptron.ts';
import { saturate } from '../operations/guard.ts';
import { exactLogDet, type Jacobian, truncatedLogDet } from '../operations/residual-log-det.ts';

export interface ResidualBlockOptions {
  /** Hidden widths. Default: one layer of width `dim`. */
  readonly hidden?: readonly number[];
  /** Largest spectral norm of each linear layer, below 1. Default: 0.9. */
  readonly coefficient?: number;
  /** Up to this dimension the log-determinant is exact. Default: 10. */
  readonly exactUpTo?: number;
  /** Terms of the power series beyond it, at most 1000. Default: 12. */
  readonly terms?: number;
  /** Fixed random probes of the trace beyond it. Default: 4. */
  readonly probes?: number;
  /** Fixed-point iterations of `inverse`, at most 10,000. Default: 80. */
  readonly iterations?: number;
}

/** From a norm of 1 on the map need not be invertible. */
const contraction: Rule = [
  value => typeof value === 'number' && value > 0 && value < 1,
  'a number between 0 and 1',
];

const RULES = {
  hidden: listOf(whole),
  coefficient: contraction,
  exactUpTo: count,
  // All are unrolled: a file that asks for a billion would never end.
  terms: wholeUpTo(1000),
  probes: whole,
  iterations: wholeUpTo(10_000),
};

/**
 * Residual flow block (Behrmann et al. 2019, Chen et al. 2019): z = x + g(x), where g is a perceptron whose layers have a
 * spectral norm of at most `coefficient`, so that the map is invertible: x = z − g(x) is iterated to its fixed point.
 *
 * Up to `exactUpTo` dimensions the log-determinant of I + J is exact. Beyond, it is the power series
 * Σ_{k ≤ terms} (−1)^{k+1} tr(Jᵏ) / k with traces from fixed Rademacher probes: the same score at every call, with a
 * truncation bias of at most dim · L^{terms+1} / ((terms + 1)(1 − L)), L the product of the layers' norms, and the
 * probes' own error.
 */
export function residualBlock(
  dim: number,
  {
    hidden = [dim],
    coefficient = 0.9,
    exactUpTo = 10,
    terms = 12,
    probes = 4,
    iterations = 80,
    ...rest
  }: ResidualBlockOptions = {},
): Bijection {
  requireDimension('residual-block', dim);
  const given = { hidden, coefficient, exactUpTo, terms, probes, iterations, ...rest };
  requireOptions('residual-block', given, RULES);
  const network = lipschitzPerceptron([dim, ...hidden, dim], coefficient);
  const exact = dim <= exactUpTo;
  const logDetOf = (weights: NamedTensors, jacobian: Jacobian) =>
    exact ? exactLogDet(jacobian, dim) : truncatedLogDet(jacobian, weights.probes as tf.Tensor2D, terms);
  const caveat = `estimated from ${probes} fixed probes and ${terms} terms of a power series`;
  return defineBijection({
    kind: 'residual-block',
    dim,
    options: { dim, hidden, coefficient, exactUpTo, terms, probes, iterations },
    parameters: network.parameters,
    constants: { ...network.constants, ...(exact ? {} : { probes: [probes, dim] }) },
    refusals: {
      inverse: `the inverse is a fixed-point iteration of ${iterations} passes`,
      ...(exact
        ? {}
        : { forward: `the log-determinant of a residual block of dimension ${dim} is ${caveat}` }),
    },
    ...(exact ? {} : { logDetCaveat: caveat }),
    initialize(rng) {
      const { parameters, constants } = network.initialize(rng);
      if (exact) return { parameters, constants };
      const signs = Float32Array.from({ length: probes * dim }, () => (rng.uniform() < 0.5 ? -1 : 1));
      return { parameters, constants: { ...constants, probes: array([probes, dim], signs) } };
    },
    forward(weights, x) {
      const { value, jacobian } = network.bind(weights)(x);
      return { value: saturate(tf.add(x, value) as tf.Tensor2D), logDet: logDetOf(weights, jacobian) };
    },
    inverse(weights, z) {
      const g = network.bind(weights);
      let x = z;
      for (let i = 0; i < iterations; i++) x = tf.sub(z, g(x).value);
      return { value: x, logDet: tf.neg(logDetOf(weights, g(x).jacobian)) };
    },
  });
}
