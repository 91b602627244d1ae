import type {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
  TensorProto,
} from '../schema/generated/onnx_pb.ts';

/** The graphs nested in a node's attributes (branches of If, bodies of Loop and Scan). */
export function subgraphs(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap(attribute => [...(attribute.g ? [attribute.g] : []), ...attribute.graphs]);
}

/** Names of all tensors a node reads: its inputs, and what its subgraphs capture from outside themselves. */
export function readsOf(node: NodeProto): string[] {
  return [...node.input.filter(name => name !== ''), ...subgraphs(node).flatMap(captures)];
}

/** Names that a subgraph takes from the graphs around it. */
function captures(graph: GraphProto): string[] {
  const own = new Set<string>([...graph.input.map(input => input.name), ...constantNames(graph)]);
  const outer = new Set<string>();
  for (const node of graph.node) {
    for (const name of readsOf(node)) if (!own.has(name)) outer.add(name);
    for (const name of node.output) own.add(name);
  }
  for (const output of graph.output) if (!own.has(output.name)) outer.add(output.name);
  return [...outer];
}

/** Names of a graph's dense and sparse initializers. */
export function constantNames(graph: GraphProto): string[] {
  return [
    ...graph.initializer.map(tensor => tensor.name),
    ...graph.sparseInitializer.map(sparse => sparse.values?.name ?? ''),
  ];
}

/** Every tensor of a model: initializers and attributes, dense and sparse, also in subgraphs, functions and training graphs. */
export function* tensorsOf(
  model: Pick<ModelProto, 'graph' | 'functions' | 'trainingInfo'>,
): Generator<TensorProto> {
  if (model.graph) yield* graphTensors(model.graph);
  for (const definition of model.functions) {
    for (const node of definition.node) yield* nodeTensors(node);
    for (const attribute of definition.attributeProto) yield* attributeTensors(attribute);
  }
  for (const training of model.trainingInfo) {
    if (training.initialization) yield* graphTensors(training.initialization);
    if (training.algorithm) yield* graphTensors(training.algorithm);
  }
}

function* graphTensors(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const sparse of graph.sparseInitializer) {
    if (sparse.values) yield sparse.values;
    if (sparse.indices) yield sparse.indices;
  }
  for (const node of graph.node) yield* nodeTensors(node);
}

function* nodeTensors(node: NodeProto): Generator<TensorProto> {
  for (const attribute of node.attribute) yield* attributeTensors(attribute);
}

function* attributeTensors(attribute: AttributeProto): Generator<TensorProto> {
  if (attribute.t) yield attribute.t;
  yield* attribute.tensors;
  for (const sparse of [
    ...(attribute.sparseTensor ? [attribute.sparseTensor] : []),
    ...attribute.sparseTensors,
  ]) {
    if (sparse.values) yield sparse.values;
    if (sparse.indices) yield sparse.indices;
  }
  if (attribute.g) yield* graphTensors(attribute.g);
  for (const graph of attribute.graphs) yield* graphTensors(graph);
}
