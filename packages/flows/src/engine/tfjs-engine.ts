import type { DenseArray } from '@ood/core';
import { silenceBackendBanner } from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';
import { mapValues, type NamedArrays, type Shape, type Weights } from '../contract/arrays.ts';
import type { FlowModel } from '../contract/flow-model.ts';
import type { AdamOptions } from '../optimizer/adam-options.ts';
import { adamScalars, averagingWeight } from '../optimizer/scalars.ts';
import type { Batch } from '../training/batch-feed.ts';
import { computations } from './computations.ts';
import type { StateKind, TrainingEngine } from './training-engine.ts';
import { noiseInput, rowsInput } from './training-program.ts';

export interface TfjsEngineOptions {
  readonly noisy: boolean;
  readonly adam: AdamOptions;
  /** Decay of the running average, or `null`. */
  readonly averaging: number | null;
}

type State = Partial<Record<StateKind, tf.Tensor>>;

/** The model run eagerly on whatever TensorFlow.js backend is active; everything stays on its device. */
export async function tfjsEngine(
  model: FlowModel,
  { parameters, constants }: Weights,
  { noisy, adam, averaging }: TfjsEngineOptions,
): Promise<TrainingEngine> {
  silenceBackendBanner();
  await tf.ready();
  const { loss, logProb, adapt } = computations(model, noisy);
  const names = Object.keys(parameters);
  const fixed = mapValues(constants, toTensor);
  const states: Record<string, State> = mapValues(parameters, array => ({
    value: toTensor(array),
    first: tf.zeros([...array.shape]),
    second: tf.zeros([...array.shape]),
    ...(averaging === null ? {} : { average: toTensor(array) }),
  }));
  let gradients: Record<string, tf.Tensor> = {};

  const set = (name: string, kind: StateKind, tensor: tf.Tensor) => {
    states[name]![kind]?.dispose();
    states[name]![kind] = tensor;
  };
  const weightsOf = (kind: StateKind) => mapValues(states, state => state[kind]!);
  const inputs = ({ rows, data }: Batch, noise?: Float32Array): Record<string, tf.Tensor> => ({
    [rowsInput]: tf.tensor2d(data, [rows, model.inputDim]),
    ...(noise ? { [noiseInput]: tf.tensor2d(noise, [rows, model.dim]) } : {}),
  });
  const dropGradients = () => {
    tf.dispose(gradients);
    gradients = {};
  };

  return {
    name: `tfjs ${tf.version.tfjs} ${tf.getBackend()}`,
    async adapt(batch, noise) {
      const adapted = tf.tidy(() => adapt({ ...fixed, ...weightsOf('value'), ...inputs(batch, noise) }));
      for (const [name, tensor] of Object.entries(adapted)) {
        if (averaging !== null) set(name, 'average', tf.clone(tensor));
        set(name, 'value', tensor);
      }
    },
    async gradients(batch, noise) {
      dropGradients();
      const result = tf.tidy(() => {
        const given = inputs(batch, noise);
        const values = weightsOf('value');
        const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
          const current = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
          return loss({ ...fixed, ...current, ...given });
        })(names.map(name => values[name]!));
        return { value, grads };
      });
      gradients = Object.fromEntries(names.map((name, i) => [name, result.grads[i]!]));
      const [value] = await result.value.data();
      result.value.dispose();
      return value!;
    },
    async update(position) {
      const norm = adam.clipNorm == null ? null : await globalNorm(Object.values(gradients));
      for (const name of names) {
        const { value, first, second, average } = states[name]!;
        const scalars = adamScalars(position, adam, { norm, decayed: value!.rank > 1 });
        const next = tf.tidy(() => adamStep(value!, gradients[name]!, first!, second!, scalars));
        if (average) {
          const weight = averagingWeight(averaging!, position.step);
          set(
            name,
            'average',
            tf.tidy(() => tf.add(average, tf.mul(tf.sub(next.value, average), weight))),
          );
        }
        for (const kind of ['value', 'first', 'second'] as const) set(name, kind, next[kind]);
      }
      dropGradients();
      return norm;
    },
    async logProb(batch, noise, weights) {
      const result = tf.tidy(() => logProb({ ...fixed, ...weightsOf(weights), ...inputs(batch, noise) }));
      const data = (await result.data()) as Float32Array;
      result.dispose();
      return data;
    },
    async read(kind) {
      const arrays: Record<string, DenseArray<Float32Array>> = {};
      for (const name of names) {
        const tensor = states[name]![kind];
        if (tensor) arrays[name] = { shape: tensor.shape, data: (await tensor.data()) as Float32Array };
      }
      return arrays;
    },
    async write(kind: StateKind, arrays: NamedArrays) {
      for (const name of names) set(name, kind, toTensor(arrays[name]!));
    },
    async close() {
      dropGradients();
      tf.dispose(states as unknown as Record<string, tf.Tensor>);
      tf.dispose(fixed);
    },
  };
}

function toTensor({ data, shape }: { readonly data: Float32Array; readonly shape: Shape }): tf.Tensor {
  return tf.tensor(data.slice(), [...shape], 'float32');
}

function adamStep(
  value: tf.Tensor,
  gradient: tf.Tensor,
  first: tf.Tensor,
  second: tf.Tensor,
  { scale, beta1, rest1, beta2, rest2, rate, root, epsilon, keep }: ReturnType<typeof adamScalars>,
): Record<'value' | 'first' | 'second', tf.Tensor> {
  const g = tf.mul(gradient, scale);
  const m = tf.add(tf.mul(first, beta1), tf.mul(g, rest1));
  const v = tf.add(tf.mul(second, beta2), tf.mul(tf.mul(g, rest2), g));
  const step = tf.div(tf.mul(m, rate), tf.add(tf.mul(tf.sqrt(v), root), epsilon));
  return { value: tf.sub(tf.mul(value, keep), step), first: m, second: v };
}

async function globalNorm(gradients: readonly tf.Tensor[]): Promise<number> {
  const sum = tf.tidy(() => tf.addN(gradients.map(gradient => tf.sum(tf.square(gradient)))));
  const [square] = await sum.data();
  sum.dispose();
  return Math.sqrt(square!);
}
