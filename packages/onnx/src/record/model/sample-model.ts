import { createRandom, elementCount } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../../session/session.ts';
import type { Recording } from '../record.ts';
import { runModel } from './record-model.ts';

/** What a model itself makes of some noise, by the names of its recording's ports. */
export interface ModelSample {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** Runs a model of TensorFlow.js eagerly on reproducible noise from −1 to 1 (whole numbers from 0 to 4 where it takes those). */
export function sampleModel(
  model: tf.LayersModel | tf.GraphModel,
  { inputs }: Pick<Recording, 'inputs'>,
  rows: number,
): ModelSample {
  const { uniform } = createRandom(1);
  const fed = Object.fromEntries(
    inputs.map(({ name, type, dims }): [string, Tensor] => {
      const shape = dims.map(dim => (typeof dim === 'number' ? dim : rows));
      const numbers = Array.from({ length: elementCount(shape) }, uniform);
      if (type === 'float32')
        return [name, { type, dims: shape, data: Float32Array.from(numbers, value => 2 * value - 1) }];
      if (type === 'int32')
        return [name, { type, dims: shape, data: Int32Array.from(numbers, value => Math.floor(5 * value)) }];
      return [name, { type: 'bool', dims: shape, data: Uint8Array.from(numbers, value => +(value < 0.5)) }];
    }),
  );
  const outputs: Record<string, Tensor> = {};
  tf.tidy(() => {
    const tensors = Object.values(fed).map(({ data, dims, type }) =>
      tf.tensor(data as Float32Array, [...dims], type as 'float32'),
    );
    for (const [name, tensor] of Object.entries(runModel(model, tensors))) {
      const data = tensor.dataSync().slice() as Float32Array;
      outputs[name] = { type: tensor.dtype as 'float32', dims: tensor.shape, data };
    }
  });
  return { inputs: fed, outputs };
}
