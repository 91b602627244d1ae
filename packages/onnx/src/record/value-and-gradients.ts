import * as tf from '@tensorflow/tfjs';
import { OnnxError } from '../errors.ts';
import type { RecordedFunction } from './record.ts';

export interface ValueAndGradientsOptions {
  /** Name of the output that holds the loss. Default: `'loss'`. */
  readonly value?: string;
  /** What precedes a tensor's name in the name of its gradient. Default: `'grad.'`. */
  readonly prefix?: string;
}

/**
 * Returns the function that yields a loss and its gradients, for `record`: outputs `loss` and `grad.<name>`.
 *
 * @param loss a scalar function of the named tensors.
 * @param names the tensors to differentiate by.
 */
export function valueAndGradients(
  loss: (tensors: Record<string, tf.Tensor>) => tf.Tensor,
  names: readonly string[],
  options: ValueAndGradientsOptions = {},
): RecordedFunction {
  const { value = 'loss', prefix = 'grad.' } = options;
  return tensors => {
    const missing = names.find(name => !tensors[name]);
    if (missing !== undefined) {
      throw new OnnxError('INVALID_SPECIFICATION', {
        where: 'valueAndGradients',
        expected: 'names of inputs or constants',
        got: `'${missing}'`,
        advice: 'add it to `inputs`',
        details: { name: missing },
      });
    }
    const at = names.map(name => tensors[name]!);
    const differentiate = tf.valueAndGrads((...points: tf.Tensor[]) => {
      const moved = Object.fromEntries(names.map((name, i) => [name, points[i]!]));
      return loss({ ...tensors, ...moved }) as tf.Scalar;
    });
    const result = differentiate(at);
    const gradients = names.map((name, i) => [`${prefix}${name}`, result.grads[i]!]);
    return { [value]: result.value, ...Object.fromEntries(gradients) };
  };
}
