import { oneOf } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { permute } from './permute.ts';

/** Which components of a vector a coupling passes unchanged. */
export type Kept = 'even' | 'odd' | 'first' | 'last';

export const keptPart = oneOf('even', 'odd', 'first', 'last');

/** A vector's components in two parts that can be joined again. */
export interface Partition {
  readonly kept: number;
  readonly changed: number;
  split(x: tf.Tensor2D): { kept: tf.Tensor2D; changed: tf.Tensor2D };
  join(parts: { kept: tf.Tensor2D; changed: tf.Tensor2D }): tf.Tensor2D;
}

/** The partition of `dim` components into those of even and odd index, or into halves; the first or even part is the larger one. */
export function partition(kept: Kept, dim: number): Partition {
  const larger = Math.ceil(dim / 2);
  const sizes: [number, number] = [larger, dim - larger];
  const keptFirst = kept === 'even' || kept === 'first';
  const alternating = kept === 'even' || kept === 'odd';
  return {
    kept: keptFirst ? sizes[0] : sizes[1],
    changed: keptFirst ? sizes[1] : sizes[0],
    split(x) {
      const sorted = alternating ? permute(x, evensFirst(dim), interleaved(dim)) : x;
      const [first, last] = tf.split(sorted, sizes, 1) as [tf.Tensor2D, tf.Tensor2D];
      return keptFirst ? { kept: first, changed: last } : { kept: last, changed: first };
    },
    join(parts) {
      const sorted = tf.concat(keptFirst ? [parts.kept, parts.changed] : [parts.changed, parts.kept], 1);
      return alternating ? permute(sorted, interleaved(dim), evensFirst(dim)) : sorted;
    },
  };
}

/** 0, 2, 4, … 1, 3, 5, … */
function evensFirst(dim: number): tf.Tensor1D {
  return tf.concat([tf.range(0, dim, 2), tf.range(1, dim, 2)]);
}

/** The inverse of {@link evensFirst}: 0, h, 1, h + 1, … */
function interleaved(dim: number): tf.Tensor1D {
  const index = tf.range(0, dim);
  const half = tf.floor(tf.mul(index, 0.5));
  const odd = tf.sub(index, tf.mul(half, 2));
  return tf.add(half, tf.mul(odd, Math.ceil(dim / 2)));
}
