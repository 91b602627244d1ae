import type * as tf from '@tensorflow/tfjs';

type Tensors = Record<'x' | 'y' | 'z', tf.Tensor>;

/** A function to record and compare with tfjs's CPU backend. `batch` stands for the free dimension. */
export interface Case {
  readonly inputs: Readonly<Record<string, readonly (number | 'batch')[]>>;
  readonly run: (tensors: Tensors) => tf.Tensor;
  /** Values to draw: standard normal, uniform in (0.1, 2), uniform in (-0.9, 0.9), or whole numbers from 0 to 4. */
  readonly domain?: 'normal' | 'positive' | 'unit' | 'index';
  /** Inputs to differentiate by. Default: all, where the domain is not `index`. */
  readonly gradients?: readonly string[];
  /** Whether row i of the result depends on row i of the inputs alone. Default: true. */
  readonly rowwise?: boolean;
  /** Largest batch. Default: 250. */
  readonly largest?: number;
}
