import type * as tf from '@tensorflow/tfjs';
import type { KernelCall, KernelTable } from './kernel.ts';

/** Normalised exponentials. tfjs calls `Softmax` for the last axis only, `LogSoftmax` for any. */
export const softmaxKernels: KernelTable = {
  Softmax: ({ inputs, attributes, graph }: KernelCall<tf.SoftmaxAttrs>) => {
    const value = graph.full(inputs.logits!);
    return {
      value: graph.node('Softmax', [value], 'float32', value.shape, { axis: attributes.dim }),
      shape: value.shape,
    };
  },
  LogSoftmax: ({ inputs, attributes, graph }: KernelCall<tf.LogSoftmaxAttrs>) => {
    const value = graph.full(inputs.logits!);
    const result = graph.node('LogSoftmax', [value], 'float32', value.shape, { axis: attributes.axis });
    return { value: result, shape: value.shape };
  },
};
