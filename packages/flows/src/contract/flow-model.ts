import type { Random } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { isChain } from '../bijections/chain.ts';
import { FlowsError } from '../errors.ts';
import { saturate } from '../operations/guard.ts';
import {
  joinWeights,
  type NamedShapes,
  type NamedTensors,
  noWeights,
  prefixed,
  requireShapes,
  scope,
  type Weights,
} from './arrays.ts';
import { type Bijection, requireBatch } from './bijection.ts';
import type { Density } from './density.ts';
import type { Preparation } from './preparation.ts';

/** Where a log-density comes from: log p = base + Σ layers. All `[batch]`. */
export interface LogProbTrace {
  readonly base: tf.Tensor1D;
  readonly layers: readonly { readonly name: string; readonly kind: string; readonly logDet: tf.Tensor }[];
}

/**
 * A normalizing flow without its numbers: log p(y) = log base(f(y)) + log|det ∂f/∂y| for prepared rows y.
 *
 * Weights are named `preparation.…`, `bijection.…` and `base.…`. All functions can be recorded.
 */
export interface FlowModel {
  /** Columns of raw features. */
  readonly inputDim: number;
  /** Columns of prepared rows and of latents. */
  readonly dim: number;
  readonly preparation: Preparation;
  readonly bijection: Bijection;
  readonly base: Density;
  readonly parameters: NamedShapes;
  readonly constants: NamedShapes;
  /** Fresh weights of bijection and base; a preparation's constants come from data and are merged by the preset. */
  initialize(rng: Random): Weights;
  /** Raw `[batch, inputDim]` → prepared `[batch, dim]`; noise, if any, is added to these. */
  prepare(weights: NamedTensors, x: tf.Tensor2D): tf.Tensor2D;
  /** log p of prepared rows in nats, `[batch]`: train on −mean of this. */
  logProb(weights: NamedTensors, prepared: tf.Tensor2D): tf.Tensor1D;
  /** Prepared rows → latents `[batch, dim]`. */
  transform(weights: NamedTensors, prepared: tf.Tensor2D): tf.Tensor2D;
  /** Latents → prepared rows. */
  invert(weights: NamedTensors, latent: tf.Tensor2D): tf.Tensor2D;
  /** The terms whose sum is `logProb`. */
  trace(weights: NamedTensors, prepared: tf.Tensor2D): LogProbTrace;
  /**
   * Data-dependent initialization: the new values of the parameters that want one (every ActNorm's), by name, from one
   * forward pass of the first prepared batch. Empty where none does.
   */
  adapt(weights: NamedTensors, prepared: tf.Tensor2D): Record<string, tf.Tensor>;
}

/**
 * The flow made of three parts whose dimensions fit.
 *
 * @throws FlowsError `INVALID_OPTION` where they do not.
 */
export function defineFlow(preparation: Preparation, bijection: Bijection, base: Density): FlowModel {
  const { dim } = bijection;
  if (preparation.dim !== dim || base.dim !== dim) {
    throw new FlowsError('INVALID_OPTION', {
      where: 'defineFlow',
      expected: 'preparation, bijection and base of one dimension',
      got: `${preparation.dim}, ${dim} and ${base.dim}`,
      advice: 'build all three for the same number of columns',
    });
  }
  const checked = (where: string, weights: NamedTensors, rows: tf.Tensor2D) => {
    requireBatch(where, rows, dim);
    return { map: scope(weights, 'bijection'), density: scope(weights, 'base'), rows: saturate(rows) };
  };
  return {
    inputDim: preparation.inputDim,
    dim,
    preparation,
    bijection,
    base,
    parameters: { ...prefixed(bijection.parameters, 'bijection'), ...prefixed(base.parameters, 'base') },
    constants: {
      ...prefixed(preparation.constants, 'preparation'),
      ...prefixed(bijection.constants, 'bijection'),
      ...prefixed(base.constants, 'base'),
    },
    initialize: rng =>
      joinWeights({
        preparation: noWeights,
        bijection: bijection.initialize(rng),
        base: base.initialize(rng),
      }),
    prepare(weights, x) {
      requireBatch('prepare', x, preparation.inputDim);
      const own = scope(weights, 'preparation');
      requireShapes('prepare', own, preparation.constants);
      return preparation.apply(own, x);
    },
    logProb(weights, prepared) {
      const { map, density, rows } = checked('logProb', weights, prepared);
      const { value, logDet } = bijection.forward(map, rows);
      return tf.add(base.logProb(density, saturate(value)), logDet) as tf.Tensor1D;
    },
    transform(weights, prepared) {
      const { map, rows } = checked('transform', weights, prepared);
      return bijection.forward(map, rows).value;
    },
    invert(weights, latent) {
      const { map, rows } = checked('invert', weights, latent);
      return bijection.inverse(map, rows).value;
    },
    trace(weights, prepared) {
      const { map, density, rows } = checked('trace', weights, prepared);
      const steps = isChain(bijection)
        ? bijection.steps(map, rows)
        : [{ kind: bijection.kind, ...bijection.forward(map, rows) }];
      return {
        base: base.logProb(density, saturate(steps.at(-1)!.value)),
        layers: steps.map(({ kind, logDet }, i) => ({ name: `${i}.${kind}`, kind, logDet })),
      };
    },
    adapt(weights, prepared) {
      const { map, rows } = checked('adapt', weights, prepared);
      return prefixed(bijection.adapt?.(map, rows) ?? {}, 'bijection');
    },
  };
}
