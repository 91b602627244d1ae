import type * as tf from '@tensorflow/tfjs';
import type { Json, NamedArrays, NamedShapes, NamedTensors } from './arrays.ts';

/**
 * A fixed map from raw features to the space whose density is modelled: normalization, a cut to leading directions.
 * It need not be invertible, is never trained, and adds no log-determinant: the density is that of its output.
 */
export interface Preparation {
  readonly kind: string;
  readonly inputDim: number;
  /** Columns of its output. */
  readonly dim: number;
  readonly options: Readonly<Record<string, Json>>;
  readonly constants: NamedShapes;
  /** `[batch, inputDim]` → `[batch, dim]`. */
  apply(weights: NamedTensors, x: tf.Tensor2D): tf.Tensor2D;
}

/** A preparation with its constants. */
export interface FittedPreparation {
  readonly preparation: Preparation;
  readonly constants: NamedArrays;
}
