import type { Random } from '@ood/core';
import type * as tf from '@tensorflow/tfjs';
import { FlowsError } from '../errors.ts';
import { type Json, type NamedShapes, type NamedTensors, requireShapes, type Weights } from './arrays.ts';

/** A mapped batch and how much volume the map creates. */
export interface Mapped {
  /** `[batch, dim]`. */
  readonly value: tf.Tensor2D;
  /** log |det J| of this direction, in nats: `[batch]`, or a scalar where it is the same for all rows. */
  readonly logDet: tf.Tensor;
}

/**
 * An invertible map of R^dim, written in TensorFlow.js operations: mathematics only, its numbers are handed in.
 *
 * What every implementation guarantees, for any weights of the declared shapes:
 * - `forward` goes from data to latent, `inverse` back; both are defined on all of R^dim and map row by row;
 * - `inverse(forward(x).value).value = x`, and the two log-determinants of that round trip cancel;
 * - `logDet` is the log |det| of the Jacobian of the very map that `value` is;
 * - every parameter has a gradient through `value` or `logDet` of `forward`;
 * - the functions can be recorded: they never read a tensor's numbers, draw no randomness, use only operations with
 *   registered gradients, and see the batch size only through shapes.
 */
export interface Bijection {
  /** The name under which a saved flow finds this implementation again. */
  readonly kind: string;
  readonly dim: number;
  /** The options that rebuild it, without `kind`. */
  readonly options: Readonly<Record<string, Json>>;
  /** Names and shapes of what training changes. */
  readonly parameters: NamedShapes;
  /** Names and shapes of what it does not. */
  readonly constants: NamedShapes;
  /** Fresh weights of those shapes. */
  initialize(rng: Random): Weights;
  /** Data → latent: the direction of scoring and training. `weights` holds parameters and constants. */
  forward(weights: NamedTensors, x: tf.Tensor2D): Mapped;
  /** Latent → data: the direction of sampling. */
  inverse(weights: NamedTensors, z: tf.Tensor2D): Mapped;
  /** Data-dependent initialization: better values of own parameters, given the first batch that reaches this map. */
  adapt?(weights: NamedTensors, x: tf.Tensor2D): Record<string, tf.Tensor>;
  /** Whether `forward` is x ↦ x Mᵀ + b with a dense M and the same log-determinant for all rows: then it can be folded. */
  readonly linear?: boolean;
  /** Why a direction cannot be exported as a graph, where it cannot. */
  readonly refusals?: Readonly<Partial<Record<'forward' | 'inverse', string>>>;
  /** What is approximate about `logDet`, if anything is. */
  readonly logDetCaveat?: string;
}

/**
 * The bijection with its inputs and results checked: weights by name and shape, batches by rank and width, values and
 * log-determinants by shape.
 *
 * This is the one place where that happens; implementations may rely on it.
 *
 * @throws FlowsError `INVALID_OPTION` for a dimension that is no positive integer; the returned functions throw
 *   `BAD_WEIGHTS` and `WRONG_SHAPE`.
 */
export function defineBijection(implementation: Bijection): Bijection {
  const { kind, dim, parameters, constants } = implementation;
  requireDimension(kind, dim);
  const shapes = { ...parameters, ...constants };
  const checked =
    (direction: 'forward' | 'inverse') =>
    (weights: NamedTensors, x: tf.Tensor2D): Mapped => {
      requireShapes(`${kind}.${direction}`, weights, shapes);
      requireBatch(`${kind}.${direction}`, x, dim);
      const mapped = implementation[direction](weights, x);
      requireResult(`${kind}.${direction}`, mapped, x);
      return mapped;
    };
  return { ...implementation, forward: checked('forward'), inverse: checked('inverse') };
}

/** A log-determinant of another shape would spread over the batch in silence. */
function requireResult(where: string, { value, logDet }: Mapped, x: tf.Tensor): void {
  const [rows, dim] = x.shape;
  const fits = value.rank === 2 && value.shape[0] === rows && value.shape[1] === dim;
  if (fits && (logDet.rank === 0 || (logDet.rank === 1 && logDet.shape[0] === rows))) return;
  throw new FlowsError('WRONG_SHAPE', {
    where,
    expected: `a result of value [${x.shape}] and logDet [${rows}] or a scalar`,
    got: `value [${value.shape}] and logDet ${logDet.shape ? `[${logDet.shape}]` : String(logDet)}`,
    advice: 'sum the logarithms of the derivatives over the columns of each row',
  });
}

/** @throws FlowsError `INVALID_OPTION` unless `dim` is an integer of at least `least`. */
export function requireDimension(where: string, dim: number, least = 1): void {
  if (Number.isInteger(dim) && dim >= least) return;
  throw new FlowsError('INVALID_OPTION', {
    where,
    expected: `a dimension that is an integer of at least ${least}`,
    got: String(dim),
    advice: 'pass the number of columns of the data',
  });
}

/** @throws FlowsError `WRONG_SHAPE` unless `x` is `[batch, dim]`. */
export function requireBatch(where: string, x: tf.Tensor, dim: number): void {
  if (x.rank === 2 && x.shape[1] === dim) return;
  throw new FlowsError('WRONG_SHAPE', {
    where,
    expected: `a batch of shape [rows, ${dim}]`,
    got: `shape [${x.shape}]`,
    advice: 'pass rows of the dimension this model was built for',
  });
}
