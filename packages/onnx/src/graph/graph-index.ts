import type { GraphProto, ModelProto, NodeProto, TensorProto } from '../schema/generated/onnx_pb.ts';
import type { Tensor } from '../session/session.ts';
import { readSparseTensor } from '../tensor/read-sparse-tensor.ts';
import { readTensor } from '../tensor/read-tensor.ts';
import { readsOf } from './walk.ts';

/** Who makes and who reads each tensor of a graph. */
export interface GraphIndex {
  readonly graph: GraphProto;
  /** The node that makes a tensor, if a node does. */
  producer(tensor: string): NodeProto | undefined;
  /** The nodes that read a tensor, also from inside their subgraphs. */
  consumers(tensor: string): readonly NodeProto[];
  initializer(tensor: string): TensorProto | undefined;
  /** The value of a tensor that the file fixes: an initializer, dense or sparse, or the output of a Constant (through Identity). */
  constant(tensor: string): Tensor | undefined;
  /** Whether neither an input of the graph nor chance influences a tensor. */
  isConstant(tensor: string): boolean;
  isInput(tensor: string): boolean;
  isOutput(tensor: string): boolean;
}

export function indexGraph(graph: GraphProto): GraphIndex {
  const producers = new Map<string, NodeProto>();
  const consumers = new Map<string, NodeProto[]>();
  for (const node of graph.node) {
    for (const name of node.output) if (name !== '') producers.set(name, node);
    for (const name of new Set(readsOf(node))) {
      const list = consumers.get(name);
      if (list) list.push(node);
      else consumers.set(name, [node]);
    }
  }
  const initializers = new Map(graph.initializer.map(tensor => [tensor.name, tensor]));
  const sparse = new Map(graph.sparseInitializer.map(tensor => [tensor.values?.name ?? '', tensor]));
  const inputs = new Set(graph.input.map(input => input.name).filter(name => !initializers.has(name)));
  const outputs = new Set(graph.output.map(output => output.name));

  function constant(tensor: string): Tensor | undefined {
    const seen = new Set<string>();
    for (let name = tensor; !seen.has(name); ) {
      seen.add(name);
      const initializer = initializers.get(name);
      if (initializer !== undefined) return readTensor(initializer);
      const scattered = sparse.get(name);
      if (scattered !== undefined) return readSparseTensor(scattered);
      const node = producers.get(name);
      if (node?.opType !== 'Identity') return node?.opType === 'Constant' ? constantValue(node) : undefined;
      name = node.input[0] ?? '';
    }
    return undefined;
  }

  const known = new Map<string, boolean>();
  function isConstant(tensor: string): boolean {
    // A node of a damaged file may lack an input.
    if (!tensor) return false;
    const found = known.get(tensor);
    if (found !== undefined) return found;
    const pending = [tensor];
    const seen = new Set<string>();
    let constant = true;
    for (let name = pending.pop(); constant && name !== undefined; name = pending.pop()) {
      if (seen.has(name) || initializers.has(name) || sparse.has(name)) continue;
      seen.add(name);
      const node = producers.get(name);
      constant = node !== undefined && !/^(Random|Multinomial|Bernoulli)/.test(node.opType);
      if (node) pending.push(...readsOf(node));
    }
    known.set(tensor, constant);
    return constant;
  }

  return {
    graph,
    isConstant,
    producer: name => producers.get(name),
    consumers: name => consumers.get(name) ?? [],
    initializer: name => initializers.get(name),
    constant,
    isInput: name => inputs.has(name),
    isOutput: name => outputs.has(name),
  };
}

/** The tensor that a `Constant` node holds in whichever attribute. */
function constantValue(node: NodeProto): Tensor | undefined {
  const attribute = node.attribute[0];
  if (attribute === undefined) return undefined;
  if (attribute.t) return readTensor(attribute.t);
  if (attribute.sparseTensor) return readSparseTensor(attribute.sparseTensor);
  switch (attribute.name) {
    case 'value_int':
      return { type: 'int64', dims: [], data: BigInt64Array.of(attribute.i) };
    case 'value_ints':
      return { type: 'int64', dims: [attribute.ints.length], data: BigInt64Array.from(attribute.ints) };
    case 'value_float':
      return { type: 'float32', dims: [], data: Float32Array.of(attribute.f) };
    case 'value_floats':
      return { type: 'float32', dims: [attribute.floats.length], data: Float32Array.from(attribute.floats) };
    default:
      return undefined;
  }
}

/** The graph of a model; a decoded or built model always has one. */
export function graphOf(model: ModelProto): GraphProto {
  if (model.graph === undefined) throw new TypeError('a model without a graph');
  return model.graph;
}

/** How messages name a node: `Gemm "head"`, or by its first output where it has no name. */
export function describeNode(node: NodeProto): string {
  const operator =
    node.domain === '' || node.domain === 'ai.onnx' ? node.opType : `${node.domain}.${node.opType}`;
  if (node.name !== '') return `${operator} node ${JSON.stringify(node.name)}`;
  return `${operator} node that makes ${JSON.stringify(node.output[0] ?? '')}`;
}
