import { OnnxError } from '../errors.ts';
import type { GraphProto, ModelProto, NodeProto } from '../schema/generated/onnx_pb.ts';
import type { Tensor, TensorInfo } from '../session/session.ts';
import { writeTensor } from '../tensor/write-tensor.ts';
import { makeValueInfo } from './build.ts';
import { graphOf } from './graph-index.ts';
import { tensorNames } from './names.ts';
import { renameTensors } from './rename.ts';

export interface AppendOptions {
  /** Nodes that read tensors of the model (or of each other), in order. */
  readonly nodes: readonly NodeProto[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  /** Outputs to declare for what the nodes make. */
  readonly outputs: readonly TensorInfo[];
  /** Whether the model's own outputs stay, in front of the new ones. Default: true. */
  readonly keepOutputs?: boolean;
}

/**
 * Returns the model with postprocessing nodes behind its tensors.
 *
 * @throws OnnxError `INVALID_OPTION` where a new tensor's name is taken; `UNKNOWN_TENSOR` for an input nobody makes
 */
export function appendNodes(model: ModelProto, options: AppendOptions): ModelProto {
  const { nodes, initializers = {}, outputs, keepOutputs = true } = options;
  const graph = graphOf(model);
  const known = tensorNames(graph);
  addNames(known, nodes, initializers);
  for (const output of outputs) requireName(known, output.name, 'output');
  return {
    ...model,
    graph: {
      ...withInitializers(graph, initializers),
      node: [...graph.node, ...nodes],
      output: [...(keepOutputs ? graph.output : []), ...outputs.map(makeValueInfo)],
    },
  };
}

export interface PrependOptions {
  /** Input of the model that the nodes compute from now on. */
  readonly input: string;
  /** Tensor of the nodes that takes its place. */
  readonly from: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  /** The inputs that the model has instead. */
  readonly inputs: readonly TensorInfo[];
}

/**
 * Returns the model with preprocessing nodes in front of one of its inputs. A new input may have the old one's name.
 *
 * @throws OnnxError `UNKNOWN_TENSOR`, `INVALID_OPTION` as `appendNodes`
 */
export function prependNodes(model: ModelProto, options: PrependOptions): ModelProto {
  const { input, from, nodes, initializers = {}, inputs } = options;
  const old = graphOf(model);
  const position = old.input.findIndex(({ name }) => name === input);
  if (position < 0) {
    throw new OnnxError('UNKNOWN_TENSOR', {
      where: `input ${JSON.stringify(input)}`,
      expected: `one of the model's inputs ${old.input.map(({ name }) => JSON.stringify(name)).join(', ')}`,
      got: JSON.stringify(input),
      details: { tensor: input },
    });
  }
  const others = tensorNames(old);
  others.delete(input);
  const known = new Set(others);
  for (const { name } of inputs) takeName(known, name);
  addNames(known, nodes, initializers, new Set(inputs.map(({ name }) => name)));
  requireName(known, from, 'tensor');

  const graph = renameTensors(old, name => (name === input ? from : name));
  const before = graph.input.slice(0, position);
  return {
    ...model,
    graph: {
      ...withInitializers(graph, initializers),
      node: [...nodes, ...graph.node],
      input: [...before, ...inputs.map(makeValueInfo), ...graph.input.slice(position + 1)],
    },
  };
}

function withInitializers(graph: GraphProto, initializers: Readonly<Record<string, Tensor>>): GraphProto {
  const added = Object.entries(initializers).map(([name, tensor]) => writeTensor(name, tensor));
  return { ...graph, initializer: [...graph.initializer, ...added] };
}

/** Adds what nodes and initializers define; `visible` restricts what the nodes may read besides. */
function addNames(
  known: Set<string>,
  nodes: readonly NodeProto[],
  initializers: Readonly<Record<string, Tensor>>,
  visible: Set<string> = known,
): void {
  for (const name of Object.keys(initializers)) {
    takeName(known, name);
    visible.add(name);
  }
  for (const node of nodes) {
    for (const name of node.input) if (name !== '') requireName(visible, name, 'tensor');
    for (const name of node.output) {
      if (name === '') continue;
      takeName(known, name);
      visible.add(name);
    }
  }
}

function takeName(known: Set<string>, name: string): void {
  if (known.has(name)) {
    throw new OnnxError('INVALID_OPTION', {
      where: `tensor ${JSON.stringify(name)}`,
      expected: 'a name that the model does not use yet',
      got: JSON.stringify(name),
      details: { tensor: name },
    });
  }
  known.add(name);
}

function requireName(known: ReadonlySet<string>, name: string, kind: string): void {
  if (known.has(name)) return;
  throw new OnnxError('UNKNOWN_TENSOR', {
    where: `${kind} ${JSON.stringify(name)}`,
    expected: 'a tensor that the model or an earlier node makes',
    got: JSON.stringify(name),
    details: { tensor: name },
  });
}
