import { record, valueAndGradients } from '@ood/onnx/record';
import type * as tf from '@tensorflow/tfjs';
import { mapValues, type NamedTensors, prefixed, type Weights } from '../contract/arrays.ts';
import type { FlowModel } from '../contract/flow-model.ts';
import { computations } from './computations.ts';
import { adaptedPrefix, noiseInput, rowsInput, type TrainingProgram } from './training-program.ts';

/** Records the training graphs of a model. Constants are baked in; parameters are inputs. */
export function recordProgram(model: FlowModel, weights: Weights, noisy: boolean): TrainingProgram {
  const { loss, logProb, adapt } = computations(model, noisy);
  const inputs = {
    [rowsInput]: ['batch', model.inputDim],
    ...(noisy ? { [noiseInput]: ['batch', model.dim] } : {}),
    ...mapValues(weights.parameters, ({ shape }) => shape),
  };
  const constants = mapValues(weights.constants, ({ shape, data }) => ({ dims: shape, data }));
  const names = Object.keys(weights.parameters);
  return {
    step: record(valueAndGradients(loss, names), { inputs, constants, name: 'training step' }).bytes,
    evaluate: record(tensors => ({ logProb: logProb(tensors) }), { inputs, constants, name: 'log-density' })
      .bytes,
    adapt: recordAdapt(adapt, { inputs, constants, name: 'adapt' }),
    noisy,
    cols: model.inputDim,
    dim: model.dim,
  };
}

/** The graph of data-dependent initialization, or `undefined` for a model without any. */
function recordAdapt(
  adapt: (tensors: NamedTensors) => Record<string, tf.Tensor>,
  options: Parameters<typeof record>[1],
): Uint8Array | undefined {
  let adapts = false;
  const recording = record(tensors => {
    const adapted = adapt(tensors);
    adapts = Object.keys(adapted).length > 0;
    return adapts ? prefixed(adapted, adaptedPrefix) : { rows: tensors[rowsInput]! };
  }, options);
  return adapts ? recording.bytes : undefined;
}
