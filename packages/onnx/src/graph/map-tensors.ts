import type {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
  SparseTensorProto,
  TensorProto,
} from '../schema/generated/onnx_pb.ts';

type MapTensor = (tensor: TensorProto) => TensorProto;

/** Returns the model with every tensor replaced (those that `tensorsOf` lists); what does not change is shared. */
export function mapTensors(model: ModelProto, map: MapTensor): ModelProto {
  return {
    ...model,
    ...(model.graph && { graph: mapGraph(model.graph, map) }),
    functions: model.functions.map(definition => ({
      ...definition,
      node: definition.node.map(node => mapNode(node, map)),
      attributeProto: definition.attributeProto.map(attribute => mapAttribute(attribute, map)),
    })),
    trainingInfo: model.trainingInfo.map(training => ({
      ...training,
      ...(training.initialization && { initialization: mapGraph(training.initialization, map) }),
      ...(training.algorithm && { algorithm: mapGraph(training.algorithm, map) }),
    })),
  };
}

function mapGraph(graph: GraphProto, map: MapTensor): GraphProto {
  return {
    ...graph,
    initializer: graph.initializer.map(map),
    sparseInitializer: graph.sparseInitializer.map(sparse => mapSparse(sparse, map)),
    node: graph.node.map(node => mapNode(node, map)),
  };
}

function mapNode(node: NodeProto, map: MapTensor): NodeProto {
  const plain = node.attribute.every(
    ({ t, g, sparseTensor, tensors, graphs, sparseTensors }) =>
      !(t || g || sparseTensor || tensors.length || graphs.length || sparseTensors.length),
  );
  if (plain) return node;
  return { ...node, attribute: node.attribute.map(attribute => mapAttribute(attribute, map)) };
}

function mapAttribute(attribute: AttributeProto, map: MapTensor): AttributeProto {
  return {
    ...attribute,
    ...(attribute.t && { t: map(attribute.t) }),
    tensors: attribute.tensors.map(map),
    ...(attribute.sparseTensor && { sparseTensor: mapSparse(attribute.sparseTensor, map) }),
    sparseTensors: attribute.sparseTensors.map(sparse => mapSparse(sparse, map)),
    ...(attribute.g && { g: mapGraph(attribute.g, map) }),
    graphs: attribute.graphs.map(graph => mapGraph(graph, map)),
  };
}

function mapSparse(sparse: SparseTensorProto, map: MapTensor): SparseTensorProto {
  return {
    ...sparse,
    ...(sparse.values && { values: map(sparse.values) }),
    ...(sparse.indices && { indices: map(sparse.indices) }),
  };
}
