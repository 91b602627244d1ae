import { oneOf, requireOptions, whole } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { array } from '../contract/arrays.ts';
import { type Density, defineDensity } from '../contract/density.ts';
import { saturate } from '../operations/guard.ts';
import { logSumExp } from '../operations/log-sum-exp.ts';
import { normalArray } from '../random.ts';
import { LOG_TWO_PI } from './standard-normal.ts';

export interface ClassConditionalOptions {
  readonly classes: number;
  /**
   * `'mixture'`: the classes' equal mixture, a density. `'nearest'`: its largest term alone,
   * log(1/K) + max_k log N(z; mean_k, Σ), a lower bound whose order is that of Mahalanobis distances. Default: `'mixture'`.
   */
  readonly reading?: 'mixture' | 'nearest';
}

/**
 * Class-conditional Gaussian with tied covariance, fitted and not trained: N(z; mean_k, Σ) for class k, Σ⁻¹ = A Aᵀ.
 *
 * With an identity flow on l2-normalized features, the reading `'nearest'` scores exactly as Mahalanobis++
 * (Müller and Hein 2025): −log p = ½ min_k (z − mean_k)ᵀ Σ⁻¹ (z − mean_k) + constant. Constants: `mean` `[classes, dim]`,
 * `whitener` A `[dim, dim]`, `unwhitener` A⁻¹, `logDet` log |det A|; see `tiedCovariance` for fitting them.
 */
export function classConditional(
  dim: number,
  { classes, reading = 'mixture', ...rest }: ClassConditionalOptions,
): Density {
  const rules = { classes: whole, reading: oneOf('mixture', 'nearest') };
  requireOptions('class-conditional', { classes, reading, ...rest }, rules);
  return defineDensity({
    kind: 'class-conditional',
    dim,
    options: { dim, classes, reading },
    parameters: {},
    constants: { mean: [classes, dim], whitener: [dim, dim], unwhitener: [dim, dim], logDet: [] },
    initialize(rng) {
      const identity = array(
        [dim, dim],
        Float32Array.from({ length: dim * dim }, (_, i) => (i % (dim + 1) === 0 ? 1 : 0)),
      );
      const mean = array([classes, dim], normalArray(classes * dim, rng));
      return {
        parameters: {},
        constants: { mean, whitener: identity, unwhitener: identity, logDet: array([], [0]) },
      };
    },
    logProb({ mean, whitener, logDet }, z) {
      // Distances do not depend on the origin, but float32 does: |a|² + |b|² − 2ab cancels where all is far from zero.
      const origin = tf.mean(mean!, 0, true);
      const whiten = (rows: tf.Tensor) =>
        saturate(tf.matMul(tf.sub(rows, origin) as tf.Tensor2D, whitener as tf.Tensor2D) as tf.Tensor2D);
      const white = whiten(z);
      const center = whiten(mean!);
      const squares = tf.add(tf.sum(tf.square(white), 1, true), tf.sum(tf.square(center), 1));
      const distance = tf.sub(squares, tf.mul(tf.matMul(white, center, false, true), 2));
      const half = tf.mul(distance, -0.5) as tf.Tensor2D;
      const best = reading === 'mixture' ? logSumExp(half) : tf.max(half, 1);
      const height = tf.sub(logDet!, 0.5 * dim * LOG_TWO_PI + Math.log(classes));
      return tf.add(best, height) as tf.Tensor1D;
    },
    sample({ constants: { mean, unwhitener } }, count, rng) {
      const data = new Float32Array(count * dim);
      for (let i = 0; i < count; i++) {
        const k = Math.min(classes - 1, rng.below(classes));
        for (let j = 0; j < dim; j++) data[i * dim + j] = mean!.data[k * dim + j]!;
        for (let from = 0; from < dim; from++) {
          const draw = rng.normal();
          for (let j = 0; j < dim; j++) data[i * dim + j]! += draw * unwhitener!.data[from * dim + j]!;
        }
      }
      return { rows: count, cols: dim, data };
    },
  });
}
