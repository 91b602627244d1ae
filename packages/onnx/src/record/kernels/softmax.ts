import type * as tf from '@tensorflow/tfjs';
import type { KernelCall, KernelTable } from './kernel.ts';

/** Normalised exponentials. (`tf.logSoftmax` comes as the operations it is made of.) */
export const softmaxKernels: KernelTable = {
  Softmax: ({ inputs, attributes, graph }: KernelCall<tf.SoftmaxAttrs>) => {
    const value = graph.full(inputs.logits!);
    return {
      value: graph.node('Softmax', [value], 'float32', value.shape, { axis: attributes.dim }),
      shape: value.shape,
    };
  },
};
