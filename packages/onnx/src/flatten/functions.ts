import { OnnxError } from '../errors.ts';
import { graphOf } from '../graph/graph-index.ts';
import { renameInNode } from '../graph/rename.ts';
import { withSubgraphs } from '../opset/upgrade.ts';
import type { AttributeProto, FunctionProto, ModelProto, NodeProto } from '../schema/generated/onnx_pb.ts';
import type { Names } from './names.ts';

/** More nodes than any model has: functions that call functions twice each double with every level. */
const MOST_NODES = 100_000;

/** Returns the model with the bodies of its functions in place of their calls. */
export function inlineFunctions(model: ModelProto, names: Names): ModelProto {
  const definitions = new Map(
    model.functions
      .filter(definition => fits(definition, model))
      .map(definition => [keyOf(definition.name, definition), definition]),
  );
  if (definitions.size === 0) return model;
  let count = 0;
  const expand = (nodes: readonly NodeProto[], calling: ReadonlySet<FunctionProto>): NodeProto[] =>
    nodes.flatMap(node => {
      const inner = withSubgraphs(node, graph => ({ ...graph, node: expand(graph.node, calling) }));
      const definition = definitions.get(keyOf(node.opType, node));
      if (++count > MOST_NODES) throw tooManyNodes(definition?.name ?? node.opType);
      // A function that calls itself has no end, and the checker's word for it.
      if (definition === undefined || calling.has(definition)) return [inner];
      return expand(bodyOf(definition, inner, names), new Set([...calling, definition]));
    });
  const graph = graphOf(model);
  const node = expand(graph.node, new Set());
  const imported = new Map(model.opsetImport.map(opset => [domainOf(opset.domain), opset]));
  for (const { opsetImport } of definitions.values())
    for (const opset of opsetImport)
      if (!imported.has(domainOf(opset.domain))) imported.set(domainOf(opset.domain), opset);
  const functions = model.functions.filter(
    definition => !definitions.has(keyOf(definition.name, definition)),
  );
  return { ...model, graph: { ...graph, node }, functions, opsetImport: [...imported.values()] };
}

/** The nodes of a function with the tensors and attributes of a call. */
function bodyOf(definition: FunctionProto, call: NodeProto, names: Names): NodeProto[] {
  const rename = names.moved(call.name || call.opType, [
    ...definition.input.map((formal, i) => [formal, call.input[i] ?? ''] as const),
    ...definition.output.flatMap((formal, i) => (call.output[i] ? [[formal, call.output[i]] as const] : [])),
  ]);
  const given = new Map(
    [...definition.attributeProto, ...call.attribute].map(attribute => [attribute.name, attribute]),
  );
  return definition.node.map(node => {
    const moved = renameInNode(withAttributes(node, given), rename);
    return node.name === '' ? moved : { ...moved, name: `${call.name || call.opType}/${node.name}` };
  });
}

/** The node with references to attributes of the function replaced by their values; those without one are left out. */
function withAttributes(node: NodeProto, given: ReadonlyMap<string, AttributeProto>): NodeProto {
  const attribute = node.attribute.flatMap(attribute => {
    if (attribute.refAttrName === '') return [attribute];
    const value = given.get(attribute.refAttrName);
    return value === undefined ? [] : [{ ...value, name: attribute.name, refAttrName: '' }];
  });
  return withSubgraphs({ ...node, attribute }, graph => ({
    ...graph,
    node: graph.node.map(inner => withAttributes(inner, given)),
  }));
}

/** Whether nodes of a function mean the same in the main graph. */
function fits({ opsetImport }: FunctionProto, model: ModelProto): boolean {
  return opsetImport.every(({ domain, version }) => {
    const own = model.opsetImport.find(other => domainOf(other.domain) === domainOf(domain));
    return own === undefined || own.version === version;
  });
}

function domainOf(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function keyOf(
  name: string,
  { domain, overload }: { readonly domain: string; readonly overload: string },
): string {
  return `${domain}:${name}:${overload}`;
}

function tooManyNodes(where: string): OnnxError {
  return new OnnxError('TOO_LARGE', {
    where: `function ${JSON.stringify(where)}`,
    expected: `calls that come to at most ${MOST_NODES} nodes`,
    got: 'more: functions call functions again and again',
  });
}
