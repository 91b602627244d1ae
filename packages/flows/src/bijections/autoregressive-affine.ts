import { type DenseArray, flag, listOf, orNull, positive, requireOptions, whole } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { array, type NamedTensors, type Shape } from '../contract/arrays.ts';
import { type Bijection, defineBijection, requireDimension } from '../contract/bijection.ts';
import { boundLogScale, saturate } from '../operations/guard.ts';
import { uniformArray } from '../random.ts';

export interface AutoregressiveAffineOptions {
  /** Hidden widths. Default: one layer of width max(2 · dim, 32). */
  readonly hidden?: readonly number[];
  /** The log-scale stays within ±bound; null: unbounded. Default: null. */
  readonly bound?: number | null;
  /** Each component sees the later ones instead of the earlier ones. Default: false. */
  readonly reversed?: boolean;
}

/**
 * Masked autoregressive flow, affine (Papamakarios et al. 2017): z_i = (x_i − t_i(x_<i)) · exp(−s_i(x_<i)),
 * log-determinant −Σ s, with s and t from masked networks (MADE, Germain et al. 2015). Starts as the identity.
 *
 * `forward` is one pass; `inverse` needs `dim` of them.
 */
export function autoregressiveAffine(
  dim: number,
  {
    hidden = [Math.max(2 * dim, 32)],
    bound = null,
    reversed = false,
    ...rest
  }: AutoregressiveAffineOptions = {},
): Bijection {
  requireDimension('autoregressive-affine', dim, 2);
  const rules = { hidden: listOf(whole), bound: orNull(positive), reversed: flag };
  requireOptions('autoregressive-affine', { hidden, bound, reversed, ...rest }, rules);
  const degrees = degreesOf(dim, hidden, reversed);
  const layers = degrees
    .slice(1)
    .map((outputs, layer) => ({ layer, inputs: degrees[layer]!.length, outputs: outputs.length }));
  const outputs = layers.flatMap(({ layer, inputs, outputs }) =>
    layer === layers.length - 1
      ? ['scale', 'shift'].map(name => ({ name, inputs, outputs, last: true }))
      : [{ name: `${layer}`, inputs, outputs, last: false }],
  );
  const shapes: Record<string, Shape> = {};
  for (const { name, inputs, outputs: width } of outputs) {
    shapes[`${name}.weight`] = [inputs, width];
    shapes[`${name}.bias`] = [width];
  }
  const steer = (weights: NamedTensors, x: tf.Tensor2D) => {
    const masked = (name: string, layer: number, input: tf.Tensor2D) => {
      const from = tf.expandDims(weights[`degree.${layer}`]!, 1);
      const to = tf.expandDims(weights[`degree.${layer + 1}`]!, 0);
      const mask = tf.step(tf.sub(to, from));
      const weight = tf.mul(weights[`${name}.weight`]!, mask) as tf.Tensor2D;
      return tf.add(tf.matMul(input, weight), weights[`${name}.bias`]!) as tf.Tensor2D;
    };
    let features = x;
    for (let layer = 0; layer < hidden.length; layer++)
      features = tf.relu(masked(`${layer}`, layer, features));
    return {
      logScale: boundLogScale(masked('scale', hidden.length, features), bound),
      shift: masked('shift', hidden.length, features),
    };
  };
  return defineBijection({
    kind: 'autoregressive-affine',
    dim,
    options: { dim, hidden, bound, reversed },
    parameters: shapes,
    constants: Object.fromEntries(degrees.map((degree, i) => [`degree.${i}`, [degree.length]])),
    refusals: { inverse: `an autoregressive inverse takes ${dim} passes, one after the other` },
    initialize(rng) {
      const parameters: Record<string, DenseArray<Float32Array>> = {};
      for (const { name, inputs, outputs: width, last } of outputs) {
        const range = last ? 0 : 1 / Math.sqrt(inputs);
        parameters[`${name}.weight`] = array([inputs, width], uniformArray(inputs * width, rng, range));
        parameters[`${name}.bias`] = array([width], uniformArray(width, rng, range));
      }
      const constants = degrees.map((degree, i) => [`degree.${i}`, array([degree.length], degree)] as const);
      return { parameters, constants: Object.fromEntries(constants) };
    },
    forward(weights, x) {
      const { logScale, shift } = steer(weights, x);
      const value = saturate(tf.mul(tf.sub(x, shift), tf.exp(tf.neg(logScale))) as tf.Tensor2D);
      return { value, logDet: tf.neg(tf.sum(logScale, 1)) };
    },
    inverse(weights, z) {
      let x = z;
      let logDet: tf.Tensor = tf.scalar(0);
      for (let pass = 0; pass < dim; pass++) {
        const { logScale, shift } = steer(weights, x);
        x = saturate(tf.add(tf.mul(z, tf.exp(logScale)), shift) as tf.Tensor2D);
        logDet = tf.sum(logScale, 1);
      }
      return { value: x, logDet };
    },
  });
}

/**
 * Degrees of inputs, hidden units and outputs; a unit sees those of a lower degree. Hidden degrees lie half a step above the
 * inputs', so that "lower" is the whole rule in every layer but between hidden ones, where each layer lies a little higher.
 */
function degreesOf(dim: number, hidden: readonly number[], reversed: boolean): Float32Array[] {
  const inputs = Float32Array.from({ length: dim }, (_, i) => (reversed ? dim - i : i + 1));
  const between = hidden.map((width, layer) =>
    Float32Array.from({ length: width }, (_, k) => 1 + (k % (dim - 1)) + (layer + 1) / (hidden.length + 1)),
  );
  return [inputs, ...between, inputs];
}
