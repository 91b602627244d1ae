import * as tf from '@tensorflow/tfjs';

/**
 * The gradient of `Tile` (and so of `broadcastTo` and `where`): the sum over the copies.
 *
 * tfjs's own adds one slice per copy, which is as many nodes as copies and fixes the batch size.
 */
export const tileGradient: tf.GradConfig = {
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
