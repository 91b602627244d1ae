import type { DenseArray, Random } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { array, type NamedShapes, type NamedTensors, type Shape, type Weights } from '../contract/arrays.ts';
import type { Jacobian } from '../operations/residual-log-det.ts';
import { normalArray, uniformArray } from '../random.ts';

/** Steps of power iteration for each spectral norm. */
const POWER_ITERATIONS = 12;
/** Keeps the norm of a zero vector differentiable. */
const TINY = 1e-24;

/** A perceptron with Lipschitz constant below 1, and its Jacobian. */
export interface LipschitzPerceptron {
  readonly parameters: NamedShapes;
  readonly constants: NamedShapes;
  initialize(rng: Random): Weights;
  /** The network with given weights, whose norms are found once for all calls. */
  bind(weights: NamedTensors): (x: tf.Tensor2D) => { value: tf.Tensor2D; jacobian: Jacobian };
}

/**
 * Layers φ → linear, with φ(x) = x · sigmoid(βx) / 1.1 (LipSwish, Chen et al. 2019, slope at most 1) and each weight divided by
 * max(1, σ / coefficient); its spectral norm σ comes from power iteration out of a fixed start. The last layer starts at zero.
 */
export function lipschitzPerceptron(sizes: readonly number[], coefficient: number): LipschitzPerceptron {
  const layers = sizes.slice(1).map((outputs, layer) => ({ layer, inputs: sizes[layer]!, outputs }));
  const parameters: Record<string, Shape> = {};
  const constants: Record<string, Shape> = {};
  for (const { layer, inputs, outputs } of layers) {
    parameters[`${layer}.weight`] = [inputs, outputs];
    parameters[`${layer}.bias`] = [outputs];
    parameters[`${layer}.beta`] = [1];
    constants[`${layer}.start`] = [outputs, 1];
  }
  return {
    parameters,
    constants,
    initialize(rng) {
      const made: Record<string, DenseArray<Float32Array>> = {};
      const starts: Record<string, DenseArray<Float32Array>> = {};
      for (const { layer, inputs, outputs } of layers) {
        const bound = layer === layers.length - 1 ? 0 : 1 / Math.sqrt(inputs);
        made[`${layer}.weight`] = array([inputs, outputs], uniformArray(inputs * outputs, rng, bound));
        made[`${layer}.bias`] = array([outputs], uniformArray(outputs, rng, bound));
        made[`${layer}.beta`] = array([1], [0.5]);
        starts[`${layer}.start`] = array([outputs, 1], normalArray(outputs, rng));
      }
      return { parameters: made, constants: starts };
    },
    bind(weights) {
      const bound = layers.map(({ layer }) => ({
        weight: contract(
          weights[`${layer}.weight`] as tf.Tensor2D,
          weights[`${layer}.start`] as tf.Tensor2D,
          coefficient,
        ),
        bias: weights[`${layer}.bias`]!,
        beta: tf.softplus(weights[`${layer}.beta`]!),
      }));
      return x => {
        const slopes: tf.Tensor2D[] = [];
        let value = x;
        for (const { weight, bias, beta } of bound) {
          const { active, slope } = lipSwish(value, beta);
          slopes.push(slope);
          value = tf.add(tf.matMul(active, weight), bias);
        }
        const through = (vectors: tf.Tensor2D, slope: tf.Tensor2D, layer: number) =>
          tf.matMul(tf.mul(vectors, slope) as tf.Tensor2D, bound[layer]!.weight) as tf.Tensor2D;
        return { value, jacobian: vectors => slopes.reduce(through, vectors) };
      };
    },
  };
}

/** The weight divided by max(1, σ / coefficient). */
function contract(weight: tf.Tensor2D, start: tf.Tensor2D, coefficient: number): tf.Tensor2D {
  const unit = (v: tf.Tensor2D) => tf.div(v, tf.sqrt(tf.add(tf.sum(tf.square(v)), TINY))) as tf.Tensor2D;
  let right = unit(start);
  let left = unit(tf.matMul(weight, right));
  for (let i = 1; i < POWER_ITERATIONS; i++) {
    right = unit(tf.matMul(weight, left, true, false));
    left = unit(tf.matMul(weight, right));
  }
  const norm = tf.sum(tf.mul(left, tf.matMul(weight, right)));
  return tf.div(weight, tf.maximum(1, tf.div(norm, coefficient)));
}

/** φ(x) = x · sigmoid(βx) / 1.1 and φ′(x). */
function lipSwish(x: tf.Tensor2D, beta: tf.Tensor): { active: tf.Tensor2D; slope: tf.Tensor2D } {
  const inner = tf.mul(beta, x);
  const gate = tf.sigmoid(inner);
  const slope = tf.add(gate, tf.mul(inner, tf.mul(gate, tf.sub(1, gate))));
  return { active: tf.div(tf.mul(x, gate), 1.1), slope: tf.div(slope, 1.1) as tf.Tensor2D };
}
