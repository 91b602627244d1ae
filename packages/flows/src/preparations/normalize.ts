import * as tf from '@tensorflow/tfjs';
import { requireDimension } from '../contract/bijection.ts';
import type { Preparation } from '../contract/preparation.ts';

/** Far below any row's largest entry, far above the smallest float32. */
const TINY = 1e-30;

/**
 * z = x / ‖x‖₂, row by row. Rows are first divided by their largest magnitude, so that no square over- or underflows;
 * a row of zeros stays zero.
 */
export function normalize(dim: number): Preparation {
  requireDimension('normalize', dim);
  return {
    kind: 'normalize',
    inputDim: dim,
    dim,
    options: { dim },
    constants: {},
    apply: (_, x) => unitRows(x),
  };
}

function unitRows(x: tf.Tensor2D): tf.Tensor2D {
  const largest = tf.maximum(tf.max(tf.abs(x), 1, true), TINY);
  const scaled = tf.div(x, largest);
  const norm = tf.sqrt(tf.sum(tf.square(scaled), 1, true));
  return tf.div(scaled, tf.maximum(norm, TINY));
}
