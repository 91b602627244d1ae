import * as tf from '@tensorflow/tfjs';

/**
 * The columns of `x` in the order `order`: column j of the result is column `order[j]` of `x`.
 *
 * Its gradient gathers by `inverse`, the inverse order, where tfjs's own would scatter.
 *
 * @param order `[dim]`, a permutation as numbers of any dtype.
 * @param inverse `[dim]`, its inverse.
 */
export function permute(x: tf.Tensor2D, order: tf.Tensor1D, inverse: tf.Tensor1D): tf.Tensor2D {
  const gathered = tf.customGrad((...args) => {
    const [input, save] = args as unknown as [tf.Tensor2D, (tensors: tf.Tensor[]) => void];
    const back = tf.cast(inverse, 'int32');
    save([back]);
    return {
      value: tf.gather(input, tf.cast(order, 'int32'), 1),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.gather(dy, saved as tf.Tensor1D, 1),
    };
  });
  return gathered(x) as tf.Tensor2D;
}

/** The inverse of a permutation given as numbers. */
export function inversePermutation(order: ArrayLike<number>): Float32Array {
  const inverse = new Float32Array(order.length);
  for (let i = 0; i < order.length; i++) inverse[order[i]!] = i;
  return inverse;
}
