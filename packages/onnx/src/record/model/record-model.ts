import * as tf from '@tensorflow/tfjs';
import { OnnxError } from '../../errors.ts';
import { RESERVED_PREFIX } from '../encode.ts';
import { type Recording, type RecordOptions, record } from '../record.ts';
import type { ConstantSpec, InputSpec } from '../specification.ts';

export interface RecordModelOptions extends Pick<RecordOptions, 'opset' | 'name'> {
  /** Sizes of dimensions other than the batch that the model leaves free, by `input:axis`, e.g. `{ 'image:1': 224 }`. */
  readonly freeDimensions?: Readonly<Record<string, number>>;
}

/**
 * Returns a model of TensorFlow.js as an ONNX model, as it is in inference: dropout is off, normalizations use the statistics that
 * they have learnt. Inputs and outputs keep their names and layouts (images are `[batch, height, width, channels]`); the batch is free.
 *
 * @throws OnnxError `INVALID_SPECIFICATION` for sizes that are free and not given; `UNSUPPORTED_KERNEL`, `UNSUPPORTED_ARGUMENT` for
 *   operations that cannot be recorded, `UNSUPPORTED` for control flow
 */
export function recordModel(
  model: tf.LayersModel | tf.GraphModel,
  options: RecordModelOptions = {},
): Recording {
  const { freeDimensions = {}, opset, name } = options;
  // A sequential model knows its inputs when it is built.
  if (model instanceof tf.Sequential && !model.built) model.build();
  const ports = inputsOf(model, freeDimensions);
  const weights = weightsOf(model);
  const run = runnerOf(model);
  const taken = new Set([...Object.keys(ports), ...run.outputs]);
  const constants: Record<string, ConstantSpec> = {};
  for (const [wanted, tensor] of weights) {
    const base = wanted.startsWith(RESERVED_PREFIX) || wanted === '' ? `weight/${wanted}` : wanted;
    let chosen = base;
    for (let i = 1; taken.has(chosen); i++) chosen = `${base}.${i}`;
    taken.add(chosen);
    constants[chosen] = tensor;
  }
  return record(tensors => run.apply(Object.keys(ports).map(port => tensors[port]!)), {
    inputs: ports,
    constants,
    ...(opset !== undefined && { opset }),
    ...(name !== undefined && { name }),
  });
}

/** What a model makes of tensors, in the order of its inputs, by the names of its outputs. */
export function runModel(
  model: tf.LayersModel | tf.GraphModel,
  inputs: tf.Tensor[],
): Record<string, tf.Tensor> {
  return runnerOf(model).apply(inputs);
}

/** Inputs by name, with the batch as the one free dimension. */
function inputsOf(
  model: tf.LayersModel | tf.GraphModel,
  sizes: Readonly<Record<string, number>>,
): Record<string, InputSpec> {
  const names = 'inputNames' in model ? model.inputNames : undefined;
  const ports: Record<string, InputSpec> = {};
  for (const [i, { name, shape, dtype }] of model.inputs.entries()) {
    const port = names?.[i] ?? name;
    const dims = (shape ?? []).map((dim, axis) => {
      const size = sizes[`${port}:${axis}`] ?? (dim === null || dim < 0 ? undefined : dim);
      if (axis === 0) return size === undefined || dim === null || dim < 0 ? 'batch' : size;
      if (size === undefined) throw freeSize(port, axis, shape ?? []);
      return size;
    });
    if (dims.length === 0) throw freeSize(port, 0, []);
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') throw inputType(port, dtype);
    ports[port] = { shape: dims, dtype };
  }
  return ports;
}

function freeSize(port: string, axis: number, shape: readonly (number | null)[]): OnnxError {
  const dims = shape.map(dim => (dim === null || dim < 0 ? '?' : dim));
  return new OnnxError('INVALID_SPECIFICATION', {
    where: `recordModel, input ${JSON.stringify(port)}, axis ${axis}`,
    expected: 'a known size: only the batch is free in a recording',
    got: `[${dims.join(', ')}]`,
    advice: `give one: freeDimensions: { ${JSON.stringify(`${port}:${axis}`)}: 224 }, or ood convert --dim ${port}:${axis}=224`,
    details: { input: port, axis, dims: shape },
  });
}

function inputType(port: string, dtype: string): OnnxError {
  return new OnnxError('UNSUPPORTED_TYPE', {
    where: `recordModel, input ${JSON.stringify(port)}`,
    expected: 'numbers: float32, int32 or bool',
    got: dtype,
    details: { input: port, dtype },
  });
}

/** Weights of numbers by name. A graph model reads those of other types, and shapes, by itself. */
function weightsOf(model: tf.LayersModel | tf.GraphModel): [string, tf.Tensor][] {
  const all: [string, tf.Tensor][] =
    model instanceof tf.GraphModel
      ? Object.entries(model.weights).flatMap(([name, tensors]) =>
          tensors.map((tensor): [string, tf.Tensor] => [name, tensor]),
        )
      : model.weights.map(weight => [weight.name, weight.read()]);
  return all.filter(([, { dtype }]) => dtype === 'float32' || dtype === 'int32' || dtype === 'bool');
}

interface Runner {
  readonly outputs: readonly string[];
  apply(inputs: tf.Tensor[]): Record<string, tf.Tensor>;
}

function runnerOf(model: tf.LayersModel | tf.GraphModel): Runner {
  if (!(model instanceof tf.GraphModel)) {
    const { outputNames } = model;
    return {
      outputs: outputNames,
      // Not `predict`, which goes through the batch in portions of 32.
      apply: inputs =>
        named(outputNames, model.apply(inputs, { training: false }) as tf.Tensor | tf.Tensor[]),
    };
  }
  const outputs = model.outputs.map(({ name }) => name);
  const inputs = model.inputs.map(({ name }) => name);
  return {
    outputs,
    apply: tensors => {
      try {
        const feeds = Object.fromEntries(inputs.map((name, i) => [name, tensors[i]!]));
        return named(outputs, model.execute(feeds, outputs));
      } catch (error) {
        throw dynamic(error) ?? error;
      }
    },
  };
}

function named(names: readonly string[], made: tf.Tensor | tf.Tensor[]): Record<string, tf.Tensor> {
  const tensors = Array.isArray(made) ? made : [made];
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
}

/** tfjs says of loops and of results whose shape depends on values that they need `executeAsync`. */
function dynamic(error: unknown): OnnxError | undefined {
  if (!(error instanceof Error) || !/executeAsync/.test(error.message)) return undefined;
  return new OnnxError('UNSUPPORTED', {
    where: 'recordModel',
    expected: 'a graph without control flow, and with shapes that do not depend on values',
    got: error.message.slice(0, 300),
    advice:
      'name the part of the model that makes the features, or convert it: python -m tf2onnx.convert --tfjs model.json --output model.onnx',
    cause: error,
  });
}
