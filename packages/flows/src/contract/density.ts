import type { Random } from '@ood/core';
import type * as tf from '@tensorflow/tfjs';
import { FlowsError } from '../errors.ts';
import {
  type Json,
  type Matrix,
  type NamedShapes,
  type NamedTensors,
  requireShapes,
  type Weights,
} from './arrays.ts';
import { requireBatch, requireDimension } from './bijection.ts';

/**
 * A probability density on R^dim, the base of a flow. Like a bijection it is mathematics only, can be recorded, and
 * integrates to 1 for any weights of the declared shapes.
 */
export interface Density {
  readonly kind: string;
  readonly dim: number;
  /** The options that rebuild it, without `kind`. */
  readonly options: Readonly<Record<string, Json>>;
  readonly parameters: NamedShapes;
  readonly constants: NamedShapes;
  initialize(rng: Random): Weights;
  /** log p(z) in nats, `[batch]`. */
  logProb(weights: NamedTensors, z: tf.Tensor2D): tf.Tensor1D;
  /** `count` draws, on the host. */
  sample(weights: Weights, count: number, rng: Random): Matrix;
}

function requireOnePerRow(where: string, result: tf.Tensor, z: tf.Tensor): void {
  if (result.rank === 1 && result.shape[0] === z.shape[0]) return;
  throw new FlowsError('WRONG_SHAPE', {
    where,
    expected: `one number for each row, [${z.shape[0]}]`,
    got: `shape [${result.shape}]`,
    advice: 'sum over the columns of each row',
  });
}

/** The density with its inputs and results checked; see `defineBijection`. */
export function defineDensity(implementation: Density): Density {
  const { kind, dim, parameters, constants } = implementation;
  requireDimension(kind, dim);
  const shapes = { ...parameters, ...constants };
  return {
    ...implementation,
    logProb(weights, z) {
      requireShapes(`${kind}.logProb`, weights, shapes);
      requireBatch(`${kind}.logProb`, z, dim);
      const result = implementation.logProb(weights, z);
      requireOnePerRow(`${kind}.logProb`, result, z);
      return result;
    },
    sample(weights, count, rng) {
      requireShapes(`${kind}.sample`, { ...weights.parameters, ...weights.constants }, shapes);
      return implementation.sample(weights, count, rng);
    },
  };
}
