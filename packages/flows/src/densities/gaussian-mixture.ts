import { type DenseArray, flag, requireOptions, whole } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { array, type Weights } from '../contract/arrays.ts';
import { type Density, defineDensity } from '../contract/density.ts';
import { logSumExp } from '../operations/log-sum-exp.ts';
import { normalArray } from '../random.ts';
import { LOG_TWO_PI } from './standard-normal.ts';

export interface GaussianMixtureOptions {
  readonly components: number;
  /** Whether means, scales and proportions are trained or stay as given. Default: true. */
  readonly trained?: boolean;
}

/**
 * Mixture of Gaussians with diagonal covariances: log p(z) = log Σ_k π_k N(z; mean_k, diag(exp(2 logScale_k))), π = softmax(logits).
 *
 * `mean` and `logScale` are `[components, dim]`, `logits` `[components]`. Starts at random means with unit scales.
 */
export function gaussianMixture(
  dim: number,
  { components, trained = true, ...rest }: GaussianMixtureOptions,
): Density {
  const rules = { components: whole, trained: flag };
  requireOptions('gaussian-mixture', { components, trained, ...rest }, rules);
  const shapes = { logits: [components], mean: [components, dim], logScale: [components, dim] };
  const place = (arrays: Record<keyof typeof shapes, DenseArray<Float32Array>>): Weights =>
    trained ? { parameters: arrays, constants: {} } : { parameters: {}, constants: arrays };
  return defineDensity({
    kind: 'gaussian-mixture',
    dim,
    options: { dim, components, trained },
    parameters: trained ? shapes : {},
    constants: trained ? {} : shapes,
    initialize: rng =>
      place({
        logits: array(shapes.logits, new Float32Array(components)),
        mean: array(shapes.mean, normalArray(components * dim, rng)),
        logScale: array(shapes.logScale, new Float32Array(components * dim)),
      }),
    logProb({ logits, mean, logScale }, z) {
      const precision = tf.exp(tf.mul(logScale!, -2)) as tf.Tensor2D;
      const weighted = tf.mul(mean!, precision) as tf.Tensor2D;
      const squares = tf.matMul(tf.square(z), precision, false, true);
      const crossed = tf.mul(tf.matMul(z, weighted, false, true), 2);
      const own = tf.sum(tf.mul(weighted, mean!), 1);
      const distance = tf.add(tf.sub(squares, crossed), own);
      const heights = tf.sub(tf.logSoftmax(logits!), tf.add(tf.sum(logScale!, 1), 0.5 * dim * LOG_TWO_PI));
      return logSumExp(tf.sub(heights, tf.mul(distance, 0.5)) as tf.Tensor2D);
    },
    sample(weights, count, rng) {
      const { logits, mean, logScale } = { ...weights.parameters, ...weights.constants };
      const data = new Float32Array(count * dim);
      for (let i = 0; i < count; i++) {
        const k = drawClass(logits!.data, rng.uniform());
        for (let j = 0; j < dim; j++) {
          const at = k * dim + j;
          data[i * dim + j] = mean!.data[at]! + Math.exp(logScale!.data[at]!) * rng.normal();
        }
      }
      return { rows: count, cols: dim, data };
    },
  });
}

/** The class whose share of softmax(logits) holds the uniform number. */
function drawClass(logits: Float32Array, uniform: number): number {
  const largest = Math.max(...logits);
  const shares = Array.from(logits, logit => Math.exp(logit - largest));
  let left = uniform * shares.reduce((sum, share) => sum + share, 0);
  for (const [k, share] of shares.entries()) if ((left -= share) < 0) return k;
  return logits.length - 1;
}
