import * as tf from '@tensorflow/tfjs';

/**
 * The gradient of `Tile` (and so of `broadcastTo` and `where`): the sum over the copies.
 *
 * tfjs's own adds one slice per copy, which is as many nodes as copies and fixes the batch size.
 */
const tile: tf.GradConfig = {
  kernelName: 'Tile',
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => {
    const { shape } = saved[0]!;
    const repeats = attrs.reps as number[];
    return {
      x: () => {
        const split = shape.flatMap((dim, i) =>
          repeats[i] === 1 ? [dim] : dim === 1 ? [repeats[i]!] : [repeats[i]!, dim],
        );
        const axes: number[] = [];
        let axis = 0;
        for (const [i, dim] of shape.entries()) {
          if (repeats[i] !== 1) axes.push(axis);
          axis += repeats[i] === 1 || dim === 1 ? 1 : 2;
        }
        return tf.reshape(tf.sum(tf.reshape(dy as tf.Tensor, split), axes), shape);
      },
    };
  },
};

/** The gradient of `ClipByValue`: dy where clipping changed nothing. tfjs compares with both bounds, in four operations. */
const clipByValue: tf.GradConfig = {
  kernelName: 'ClipByValue',
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradFunc: (dy, saved) => {
    const [x, y] = saved as [tf.Tensor, tf.Tensor];
    return { x: () => tf.mul(dy as tf.Tensor, tf.cast(tf.equal(x, y), 'float32')) };
  },
};

/** Gradients that take the place of tfjs's own during a recording, with the same results. */
export const gradients: readonly tf.GradConfig[] = [tile, clipByValue];
