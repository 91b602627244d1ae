import { create } from '@bufbuild/protobuf';
import { OnnxError } from '../errors.ts';
import { describeNode, graphOf, indexGraph } from '../graph/graph-index.ts';
import { freeName, tensorNames } from '../graph/names.ts';
import { inferShapes, isDefaultDomain } from '../infer/infer-shapes.ts';
import {
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  OperatorSetIdProtoSchema,
} from '../schema/generated/onnx_pb.ts';
import { LATEST_OPSET } from '../schema/generated/operators.ts';
import { type Adapter, type AdapterContext, adapters } from './adapters.ts';

/** Older operator sets differ in ways that are not worth supporting: no exporter has written them since 2018. */
const OLDEST_OPSET = 7;

/** Version of ONNX's own operator set that a model uses. */
export function opsetOf(model: Pick<ModelProto, 'opsetImport'>): number {
  return Number(model.opsetImport.find(({ domain }) => isDefaultDomain(domain))?.version ?? 1n);
}

/**
 * Returns the model for a later version of ONNX's own operator set: nodes whose operator changed meaning or moved an
 * attribute to an input are rewritten, all others mean the same in both.
 *
 * @throws OnnxError `INCOMPATIBLE_GRAPHS` for an earlier version than the model's, an unknown one, or a node that has no
 *   equivalent
 */
export function upgradeOpset(model: ModelProto, target: number): ModelProto {
  const current = opsetOf(model);
  if (target === current) return model;
  if (target < current || current < OLDEST_OPSET || target > LATEST_OPSET) {
    throw new OnnxError('INCOMPATIBLE_GRAPHS', {
      where: `model ${JSON.stringify(graphOf(model).name)}`,
      expected: `an upgrade within opsets ${OLDEST_OPSET} to ${LATEST_OPSET}`,
      got: `from ${current} to ${target}`,
      advice: `export both models with one opset`,
      details: { current, target },
    });
  }
  return Array.from({ length: target - current }, (_, i) => current + i + 1).reduce(step, model);
}

/** One version up. */
function step(model: ModelProto, version: number): ModelProto {
  const table = adapters[version] ?? {};
  const graph = graphOf(model);
  const names = tensorNames(graph);
  for (const definition of model.functions) {
    for (const node of definition.node) for (const name of [...node.input, ...node.output]) names.add(name);
  }
  const fresh = (wanted: string): string => {
    const name = freeName(names, wanted);
    names.add(name);
    return name;
  };
  const inference = Object.keys(table).some(op => usesOperator(graph, op)) ? inferShapes(model) : undefined;
  const context: AdapterContext = {
    fresh,
    constant: indexGraph(graph).constant,
    rankOf: tensor => inference?.tensors.get(tensor)?.dims?.length,
    typeOf: tensor => inference?.tensors.get(tensor)?.type,
  };
  const convert = (nodes: readonly NodeProto[]): NodeProto[] =>
    nodes.flatMap(node => {
      const nested = withSubgraphs(node, inner => ({ ...inner, node: convert(inner.node) }));
      const adapt: Adapter | undefined =
        isDefaultDomain(node.domain) && Object.hasOwn(table, node.opType) ? table[node.opType] : undefined;
      if (adapt === undefined) return [nested];
      const result = adapt(nested, context);
      if (typeof result !== 'string') return result;
      throw new OnnxError('INCOMPATIBLE_GRAPHS', {
        where: describeNode(node),
        expected: `an operator that opset ${version} can express`,
        got: result,
        advice: `export the model with opset ${version} or later`,
        details: { node: node.name, opType: node.opType, opset: version },
      });
    });
  return {
    ...model,
    opsetImport: setVersion(model.opsetImport, version),
    graph: { ...graph, node: convert(graph.node) },
    functions: model.functions.map(definition => convertFunction(definition, version, convert)),
  };
}

function convertFunction(
  definition: FunctionProto,
  version: number,
  convert: (nodes: readonly NodeProto[]) => NodeProto[],
): FunctionProto {
  if (opsetOf(definition) !== version - 1) return definition;
  const opsetImport = setVersion(definition.opsetImport, version);
  return { ...definition, opsetImport, node: convert(definition.node) };
}

function setVersion(imports: ModelProto['opsetImport'], version: number): ModelProto['opsetImport'] {
  const others = imports.filter(({ domain }) => !isDefaultDomain(domain));
  return [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(version) }), ...others];
}

/** Returns the node with its nested graphs replaced. */
export function withSubgraphs(node: NodeProto, map: (graph: GraphProto) => GraphProto): NodeProto {
  if (node.attribute.every(({ g, graphs }) => g === undefined && graphs.length === 0)) return node;
  const attribute = node.attribute.map(item => ({
    ...item,
    ...(item.g && { g: map(item.g) }),
    graphs: item.graphs.map(map),
  }));
  return { ...node, attribute };
}

function usesOperator(graph: GraphProto, opType: string): boolean {
  return graph.node.some(node => node.opType === opType);
}
