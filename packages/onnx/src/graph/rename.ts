import type { GraphProto, NodeProto } from '../schema/generated/onnx_pb.ts';
import { subgraphs } from './walk.ts';

type Rename = (name: string) => string;

/** Returns the graph with its tensors renamed, in subgraphs too; two names must not become one. */
export function renameTensors(graph: GraphProto, rename: Rename): GraphProto {
  const named = <T extends { name: string }>(item: T): T => ({ ...item, name: rename(item.name) });
  return {
    ...graph,
    node: graph.node.map(node => renameInNode(node, rename)),
    input: graph.input.map(named),
    output: graph.output.map(named),
    valueInfo: graph.valueInfo.map(named),
    initializer: graph.initializer.map(named),
    sparseInitializer: graph.sparseInitializer.map(sparse => ({
      ...sparse,
      ...(sparse.values && { values: named(sparse.values) }),
    })),
    quantizationAnnotation: graph.quantizationAnnotation.map(annotation => ({
      ...annotation,
      tensorName: rename(annotation.tensorName),
      quantParameterTensorNames: annotation.quantParameterTensorNames.map(entry => ({
        ...entry,
        value: rename(entry.value),
      })),
    })),
  };
}

/** Returns the node with its tensors renamed, also in its subgraphs. */
export function renameInNode(node: NodeProto, rename: Rename): NodeProto {
  const apply: Rename = name => (name === '' ? '' : rename(name));
  const nested =
    subgraphs(node).length === 0
      ? node.attribute
      : node.attribute.map(attribute => ({
          ...attribute,
          ...(attribute.g && { g: renameTensors(attribute.g, rename) }),
          graphs: attribute.graphs.map(graph => renameTensors(graph, rename)),
        }));
  return { ...node, input: node.input.map(apply), output: node.output.map(apply), attribute: nested };
}

/** Returns the graph with names put before those of its nodes, so that two graphs' node names do not clash. */
export function prefixNodes(graph: GraphProto, prefix: string): GraphProto {
  const node = graph.node.map(item => (item.name === '' ? item : { ...item, name: prefix + item.name }));
  return { ...graph, node };
}
