import { create } from '@bufbuild/protobuf';
import { OnnxError } from '../errors.ts';
import { type Inference, inferShapes } from '../infer/infer-shapes.ts';
import {
  type GraphProto,
  type ModelProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../schema/generated/onnx_pb.ts';
import { graphOf } from './graph-index.ts';
import { readsOf } from './walk.ts';

export interface CutOptions {
  /** Tensors that become the outputs, in this order. */
  readonly outputs: readonly string[];
  /** Tensors that become inputs instead of being computed. Inputs of the model that are still needed stay. */
  readonly inputs?: readonly string[];
}

/**
 * Returns the part of a model that computes some of its tensors: what does not lead to them is left out. The given model
 * stays as it is; tensor data are shared.
 *
 * @throws OnnxError `UNKNOWN_TENSOR` for a name that the main graph does not have
 */
export function cutModel(model: ModelProto, options: CutOptions): ModelProto {
  const { outputs, inputs = [] } = options;
  const graph = graphOf(model);
  const inference = inferShapes(model);
  for (const name of [...outputs, ...inputs]) requireTensor(inference, name);

  const boundary = new Set(inputs);
  const needed = new Set(outputs);
  const nodes = [];
  for (const node of graph.node.toReversed()) {
    if (!node.output.some(name => name !== '' && needed.has(name) && !boundary.has(name))) continue;
    nodes.unshift(node);
    for (const name of readsOf(node)) needed.add(name);
  }
  const isKept = (name: string): boolean => needed.has(name) && !boundary.has(name);
  const made = new Set(nodes.flatMap(node => node.output));
  const kept: GraphProto = {
    ...graph,
    node: nodes,
    input: [
      ...inputs.map(name => declare(graph, inference, name)),
      ...graph.input.filter(input => isKept(input.name)),
    ],
    output: outputs.map(name => declare(graph, inference, name)),
    initializer: graph.initializer.filter(tensor => isKept(tensor.name)),
    sparseInitializer: graph.sparseInitializer.filter(sparse => isKept(sparse.values?.name ?? '')),
    valueInfo: graph.valueInfo.filter(info => made.has(info.name) && !outputs.includes(info.name)),
    quantizationAnnotation: graph.quantizationAnnotation.filter(({ tensorName }) => needed.has(tensorName)),
  };
  return { ...model, graph: kept };
}

/** The declaration of a tensor: the file's own, or one from what could be inferred. */
export function declare(graph: GraphProto, inference: Inference, name: string): ValueInfoProto {
  const existing = [...graph.input, ...graph.output, ...graph.valueInfo].find(info => info.name === name);
  if (existing?.type !== undefined) return existing;
  const { type, dims } = inference.tensors.get(name) ?? {};
  if (type === undefined) return create(ValueInfoProtoSchema, { name });
  const shape = dims && {
    dim: dims.map(size => {
      if (size === null) return {};
      return typeof size === 'number'
        ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
        : { value: { case: 'dimParam' as const, value: size } };
    }),
  };
  const tensorType = { elemType: type, ...(shape && { shape }) };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensorType } } });
}

/** @throws OnnxError `UNKNOWN_TENSOR`, with names that look alike */
export function requireTensor(inference: Inference, name: string): void {
  if (inference.tensors.has(name)) return;
  const all = [...inference.tensors.keys()];
  const wanted = name.toLowerCase();
  const alike = all.filter(other => {
    const lower = other.toLowerCase();
    return lower.includes(wanted) || (lower.length > 2 && wanted.includes(lower));
  });
  const shown = (alike.length > 0 ? alike : all).slice(-5);
  throw new OnnxError('UNKNOWN_TENSOR', {
    where: `tensor ${JSON.stringify(name)}`,
    expected: `a tensor of the main graph, e.g. ${shown.map(other => JSON.stringify(other)).join(', ')}`,
    got: 'a name that it does not have',
    details: { tensor: name, alike: shown },
  });
}
