import type { DenseArray, Random } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { array, type NamedArrays, type NamedShapes, type NamedTensors } from '../contract/arrays.ts';
import { uniformArray } from '../random.ts';

/** A multi-layer perceptron: linear layers with ReLU between them. Weights are `[in, out]`. */
export interface Perceptron {
  readonly shapes: NamedShapes;
  initialize(rng: Random): NamedArrays;
  apply(weights: NamedTensors, x: tf.Tensor2D): tf.Tensor2D;
}

export interface PerceptronOptions {
  /**
   * Fan-in that sets the initial range of the layers but the last, U(±1/√fanIn). Default: each layer's own.
   * A net that replaces a masked full-width one passes the full width.
   */
  readonly fanIn?: number;
}

/** The perceptron with layers of `sizes`; its last layer starts at zero, so that it starts as the zero function. */
export function perceptron(sizes: readonly number[], { fanIn }: PerceptronOptions = {}): Perceptron {
  const last = sizes.length - 2;
  const layers = sizes.slice(0, -1).map((inputs, layer) => ({ inputs, outputs: sizes[layer + 1]!, layer }));
  return {
    shapes: Object.fromEntries(
      layers.flatMap(({ inputs, outputs, layer }) => [
        [`${layer}.weight`, [inputs, outputs]],
        [`${layer}.bias`, [outputs]],
      ]),
    ),
    initialize(rng) {
      const arrays: Record<string, DenseArray<Float32Array>> = {};
      for (const { inputs, outputs, layer } of layers) {
        const bound = layer === last ? 0 : 1 / Math.sqrt(fanIn ?? inputs);
        arrays[`${layer}.weight`] = array([inputs, outputs], uniformArray(inputs * outputs, rng, bound));
        arrays[`${layer}.bias`] = array([outputs], uniformArray(outputs, rng, bound));
      }
      return arrays;
    },
    apply(weights, x) {
      let hidden = x;
      for (const { layer } of layers) {
        const product = tf.matMul(hidden, weights[`${layer}.weight`] as tf.Tensor2D);
        const affine = tf.add(product, weights[`${layer}.bias`]!) as tf.Tensor2D;
        hidden = layer === last ? affine : tf.relu(affine);
      }
      return hidden;
    },
  };
}
