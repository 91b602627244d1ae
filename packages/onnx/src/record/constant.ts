import * as tf from '@tensorflow/tfjs';
import { currentRecording } from './engine/isolate.ts';

export interface ConstantOptions {
  /** Default: the length of `values`. */
  readonly shape?: readonly number[];
  /** Default: float32, or int32 for an `Int32Array`. */
  readonly dtype?: 'float32' | 'int32' | 'bool';
}

/**
 * Returns a tensor of fixed values that recordings accept: a mask, a permutation, a table. Outside a recording it is
 * `tf.tensor`.
 */
export function constant(
  values: tf.TypedArray | readonly number[],
  options: ConstantOptions = {},
): tf.Tensor {
  const { shape = [values.length], dtype = values instanceof Int32Array ? 'int32' : 'float32' } = options;
  const create = () => tf.tensor(values as tf.TypedArray, [...shape], dtype);
  return currentRecording()?.declared(create) ?? create();
}
