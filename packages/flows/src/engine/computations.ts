import * as tf from '@tensorflow/tfjs';
import type { NamedTensors } from '../contract/arrays.ts';
import type { FlowModel } from '../contract/flow-model.ts';
import { noiseInput, rowsInput } from './training-program.ts';

/** The three functions that training needs, of weights, `x` `[batch, inputDim]` and, if noisy, `noise` `[batch, dim]`. */
export interface Computations {
  /** Mean negative log-likelihood, a scalar, in nats. */
  loss(tensors: NamedTensors): tf.Scalar;
  /** log p of every row, `[batch]`. */
  logProb(tensors: NamedTensors): tf.Tensor1D;
  /** New values of those parameters that are initialized from data. */
  adapt(tensors: NamedTensors): Record<string, tf.Tensor>;
}

/** The computations of a model; noise is added to prepared rows. */
export function computations(model: FlowModel, noisy: boolean): Computations {
  const rows = (tensors: NamedTensors): tf.Tensor2D => {
    const prepared = model.prepare(tensors, tensors[rowsInput] as tf.Tensor2D);
    return noisy ? tf.add(prepared, tensors[noiseInput]!) : prepared;
  };
  const logProb = (tensors: NamedTensors) => model.logProb(tensors, rows(tensors));
  return {
    loss: tensors => tf.neg(tf.mean(logProb(tensors))),
    logProb,
    adapt: tensors => model.adapt(tensors, rows(tensors)),
  };
}
