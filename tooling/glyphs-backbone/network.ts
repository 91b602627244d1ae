import * as tf from '@tensorflow/tfjs';
import type { Random } from '../glyphs/src/random.ts';

/** Valid (unpadded) convolutions on 28×28×1: 5×5 → 24², pooled to 12²; 3×3 → 10², pooled to 5²; 3×3 → 3². */
export const convolutions = [
  { name: 'conv1', kernel: 5, input: 1, output: 24, side: 24, pool: true },
  { name: 'conv2', kernel: 3, input: 24, output: 48, side: 10, pool: true },
  { name: 'conv3', kernel: 3, input: 48, output: 96, side: 3, pool: false },
] as const;

/** Side of the last feature map, its flattened length, the penultimate features, the classes. */
export const lastSide = 3;
const flat = lastSide * lastSide * 96;
export const featureDim = 128;
export const classCount = 10;

/** Shapes of all parameters: weights `[fan in, fan out]`, biases `[fan out]`. A patch is ordered row, column, channel. */
export const parameterShapes: Readonly<Record<string, readonly number[]>> = {
  ...Object.fromEntries(
    convolutions.flatMap(({ name, kernel, input, output }) => [
      [`${name}.weight`, [kernel * kernel * input, output]],
      [`${name}.bias`, [output]],
    ]),
  ),
  'features.weight': [flat, featureDim],
  'features.bias': [featureDim],
  'logits.weight': [featureDim, classCount],
  'logits.bias': [classCount],
};

export type Parameters = Record<string, Float32Array>;

/** Weights ~ N(0, 2 / fan in) (He et al., 2015), biases 0. */
export function initialParameters(random: Random): Parameters {
  return Object.fromEntries(
    Object.entries(parameterShapes).map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const deviation = shape.length === 1 ? 0 : Math.sqrt(2 / shape[0]!);
      return [name, Float32Array.from({ length: size }, () => deviation && deviation * random.normal())];
    }),
  );
}

/** `[batch, side + kernel - 1, side + kernel - 1, channels]` → `[batch * side * side, kernel * kernel * channels]`. */
function patches(x: tf.Tensor, kernel: number, side: number): tf.Tensor {
  const channels = x.shape[3]!;
  const shifted: tf.Tensor[] = [];
  for (let dy = 0; dy < kernel; dy++) {
    for (let dx = 0; dx < kernel; dx++) shifted.push(tf.slice(x, [0, dy, dx, 0], [-1, side, side, channels]));
  }
  return tf.reshape(tf.concat(shifted, 3), [-1, kernel * kernel * channels]);
}

/** Means of 2×2 fields. */
function pool(x: tf.Tensor, side: number, channels: number): tf.Tensor {
  return tf.mean(tf.reshape(x, [-1, side / 2, 2, side / 2, 2, channels]), [2, 4]);
}

/** Penultimate features `[batch, featureDim]` of images `[batch, 28, 28, 1]`. */
export function features(image: tf.Tensor, parameters: Record<string, tf.Tensor>): tf.Tensor {
  let x = image;
  for (const { name, kernel, output, side, pool: pooled } of convolutions) {
    const columns = tf.matMul(
      patches(x, kernel, side) as tf.Tensor2D,
      parameters[`${name}.weight`] as tf.Tensor2D,
    );
    x = tf.reshape(tf.relu(tf.add(columns, parameters[`${name}.bias`]!)), [-1, side, side, output]);
    if (pooled) x = pool(x, side, output);
  }
  return dense(tf.reshape(x, [-1, flat]), 'features', parameters).relu();
}

/** Logits `[batch, classCount]` of penultimate features. */
export function logits(penultimate: tf.Tensor, parameters: Record<string, tf.Tensor>): tf.Tensor {
  return dense(penultimate, 'logits', parameters);
}

function dense(x: tf.Tensor, name: string, parameters: Record<string, tf.Tensor>): tf.Tensor {
  const product = tf.matMul(x as tf.Tensor2D, parameters[`${name}.weight`] as tf.Tensor2D);
  return tf.add(product, parameters[`${name}.bias`]!);
}

/** Mean cross-entropy of the logits with `targets` (rows that sum to 1), `keep` multiplying the features (dropout). */
export function loss(tensors: Record<string, tf.Tensor>): tf.Tensor {
  const dropped = tf.mul(features(tensors.image!, tensors), tensors.keep!);
  const logProbabilities = tf.logSoftmax(logits(dropped, tensors));
  return tf.neg(tf.mean(tf.sum(tf.mul(tensors.targets!, logProbabilities), 1)));
}
