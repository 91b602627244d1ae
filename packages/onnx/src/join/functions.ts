import { equals } from '@bufbuild/protobuf';
import { graphOf } from '../graph/graph-index.ts';
import { withSubgraphs } from '../opset/upgrade.ts';
import {
  type FunctionProto,
  FunctionProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
} from '../schema/generated/onnx_pb.ts';

/** Two models with the functions of both; the second calls its own under another name where the first has another so named. */
export function mergeFunctions(
  first: ModelProto,
  second: ModelProto,
  prefix: string,
): { models: [ModelProto, ModelProto]; functions: FunctionProto[] } {
  const known = new Map(first.functions.map(definition => [keyOf(definition), definition]));
  const renamed = new Map<string, string>();
  const added: FunctionProto[] = [];
  for (const definition of second.functions) {
    const other = known.get(keyOf(definition));
    if (other === undefined) added.push(definition);
    else if (!equals(FunctionProtoSchema, other, definition)) {
      renamed.set(keyOf(definition), prefix + definition.name);
      added.push({ ...definition, name: prefix + definition.name });
    }
  }
  const call = (node: NodeProto): NodeProto => {
    const opType = renamed.get(`${node.domain}:${node.opType}:${node.overload}`) ?? node.opType;
    return withSubgraphs(opType === node.opType ? node : { ...node, opType }, inGraph);
  };
  const inGraph = (graph: GraphProto): GraphProto => ({ ...graph, node: graph.node.map(call) });
  const functions = [
    ...first.functions,
    ...added.map(definition => ({ ...definition, node: definition.node.map(call) })),
  ];
  return { models: [first, { ...second, graph: inGraph(graphOf(second)) }], functions };
}

function keyOf({ domain, name, overload }: FunctionProto): string {
  return `${domain}:${name}:${overload}`;
}
