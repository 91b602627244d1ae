import { isOodError } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import { OnnxError } from '../errors.ts';
import type { TensorInfo } from '../session/session.ts';
import { mergeRecordings } from './batch/merge.ts';
import { sentinelSizes } from './batch/sentinels.ts';
import { encodeGraph } from './encode.ts';
import { isolate } from './engine/isolate.ts';
import type { Graph, Port } from './graph/graph.ts';
import { optimize } from './optimize/index.ts';
import {
  type ConstantSpec,
  checkName,
  type InputSpec,
  type ResolvedConstant,
  type ResolvedInput,
  resolveConstants,
  resolveInputs,
} from './specification.ts';

/** A function of named tensors, with named results. */
export type RecordedFunction = (tensors: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

export interface RecordOptions {
  /** What is fed at every run: data, noise, and for training the parameters. */
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** What is baked in: parameters for scoring or export, masks, permutations. Default: none. */
  readonly constants?: Readonly<Record<string, ConstantSpec>>;
  /** Version of the ONNX operator set, 13 to 21. Default: 17. */
  readonly opset?: number;
  /** Name of the graph. Default: `'recorded'`. */
  readonly name?: string;
}

/** A function as an ONNX model. */
export interface Recording {
  /** The model; `runtime.createSession(bytes)` runs it. */
  readonly bytes: Uint8Array;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** How many nodes of each ONNX operator the graph has. */
  readonly operators: Readonly<Record<string, number>>;
}

/**
 * Returns `fn` as an ONNX model.
 *
 * The function gets symbolic tensors for all inputs and constants, by name, and runs a few times (once per sentinel
 * batch size); tfjs's own automatic differentiation works inside. It must not read values, and may create tensors only
 * as scalars, uniform fills, ranges, or through `constant`.
 *
 * @throws OnnxError when the function cannot be a graph: see `OnnxErrorCode`.
 */
export function record(fn: RecordedFunction, options: RecordOptions): Recording {
  const { opset = 17, name = 'recorded' } = options;
  if (!Number.isInteger(opset) || opset < 13 || opset > 21) {
    throw new OnnxError('INVALID_SPECIFICATION', {
      where: 'record',
      expected: 'an opset of 13 to 21',
      got: `${opset}`,
      advice: 'use 17',
      details: { opset },
    });
  }
  const inputs = resolveInputs(options.inputs);
  const constants = resolveConstants(options.constants ?? {});
  checkDistinct([...inputs, ...constants]);
  const batchName = inputs.flatMap(input => input.shape).find(dim => typeof dim === 'string');
  const merged =
    batchName === undefined
      ? (trace(fn, inputs, constants, 1) as Graph)
      : traceForEveryBatch(fn, inputs, constants);
  const graph = optimize(merged);

  const info = ({ name: port, value }: Port): TensorInfo => ({
    name: port,
    type: value.type,
    dims: value.shape.map(dim => {
      if (typeof dim === 'number') return dim;
      return dim.scale === 1 && dim.offset === 0 ? batchName! : null;
    }),
  });
  const ports = { inputs: graph.inputs.map(info), outputs: graph.outputs.map(info) };
  const operators: Record<string, number> = {};
  for (const { operator } of graph.nodes) operators[operator] = (operators[operator] ?? 0) + 1;
  return { bytes: encodeGraph(graph, { name, opset, ...ports }), ...ports, operators };
}

/** Records the function at several batch sizes and makes one graph of them. */
function traceForEveryBatch(
  fn: RecordedFunction,
  inputs: readonly ResolvedInput[],
  constants: readonly ResolvedConstant[],
): Graph {
  const input = inputs.findIndex(({ shape }) => shape.some(dim => typeof dim === 'string'));
  const axis = inputs[input]!.shape.findIndex(dim => typeof dim === 'string');
  let refusal: unknown;
  for (const sizes of sentinelSizes([...inputs, ...constants])) {
    try {
      const graphs = sizes.map(size => trace(fn, inputs, constants, size));
      return mergeRecordings({ graphs, sizes, batch: { input, axis } });
    } catch (error) {
      if (!isOodError(error, 'BATCH_DEPENDENCE')) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

/** Records the function once, at one batch size. */
function trace(
  fn: RecordedFunction,
  inputs: readonly ResolvedInput[],
  constants: readonly ResolvedConstant[],
  batch: number,
): Graph<number> {
  return isolate(backend => {
    const tensors: Record<string, tf.Tensor> = {};
    const ports: Port<number>[] = [];
    for (const { name, type, shape, captured } of inputs) {
      const dims = shape.map(dim => (typeof dim === 'string' ? batch : dim));
      const value = backend.graph.value(type, dims);
      ports.push({ name, value });
      tensors[name] = tf.engine().makeTensorFromTensorInfo(backend.handle({ value, shape: dims }));
      if (captured) backend.capture(captured.dataId, { value, shape: dims });
    }
    for (const { name, type, shape, data, captured } of constants) {
      const value = backend.graph.constant(data, type, shape, name);
      tensors[name] = tf.engine().makeTensorFromTensorInfo(backend.handle({ value, shape }));
      if (captured) backend.capture(captured.dataId, { value, shape });
    }
    const results = fn(tensors);
    const outputs = outputPorts(results).map(([name, tensor]): Port<number> => {
      if (tensors[name]) throw clash(name, 'an output and an input or constant');
      return { name, value: backend.graph.full(backend.symbolic(tensor, `output '${name}'`)) };
    });
    return { inputs: ports, outputs, nodes: backend.graph.nodes };
  });
}

function outputPorts(results: unknown): [string, tf.Tensor][] {
  const entries = results !== null && typeof results === 'object' ? Object.entries(results) : [];
  if (entries.length === 0 || results instanceof tf.Tensor || results instanceof Promise) {
    throw new OnnxError('INVALID_OUTPUT', {
      where: 'record',
      expected: 'the function to return an object of named tensors',
      got: results instanceof Promise ? 'a promise' : results instanceof tf.Tensor ? 'one tensor' : 'none',
      advice: 'return e.g. `{ y }`, and no promise: a recording is synchronous',
    });
  }
  for (const [name, tensor] of entries) {
    checkName(name, 'output');
    if (tensor instanceof tf.Tensor) continue;
    throw new OnnxError('INVALID_OUTPUT', {
      where: `record, output '${name}'`,
      expected: 'a tensor',
      got: typeof tensor,
      details: { name },
    });
  }
  return entries;
}

function checkDistinct(ports: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of ports) {
    if (seen.has(name)) throw clash(name, 'an input and a constant');
    seen.add(name);
  }
}

function clash(name: string, what: string): OnnxError {
  return new OnnxError('NAME_CLASH', {
    where: 'record',
    expected: 'distinct names',
    got: `'${name}' as ${what}`,
    advice: 'rename one',
    details: { name },
  });
}
