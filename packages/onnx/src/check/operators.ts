import { describeNode } from '../graph/graph-index.ts';
import { subgraphs } from '../graph/walk.ts';
import { isDefaultDomain } from '../infer/infer-shapes.ts';
import {
  AttributeProto_AttributeType,
  type ModelProto,
  type NodeProto,
} from '../schema/generated/onnx_pb.ts';
import { LATEST_OPSET, type OperatorRow, operators } from '../schema/generated/operators.ts';
import type { Problem } from './problem.ts';

const T = AttributeProto_AttributeType;
const typeCodes = new Map<number, string>([
  [T.FLOAT, 'f'],
  [T.INT, 'i'],
  [T.STRING, 's'],
  [T.TENSOR, 't'],
  [T.GRAPH, 'g'],
  [T.FLOATS, 'fs'],
  [T.INTS, 'is'],
  [T.STRINGS, 'ss'],
  [T.TENSORS, 'ts'],
  [T.GRAPHS, 'gs'],
  [T.SPARSE_TENSOR, 'sp'],
  [T.SPARSE_TENSORS, 'sps'],
  [T.TYPE_PROTO, 'tp'],
  [T.TYPE_PROTOS, 'tps'],
]);
const typeNames = new Map(Object.entries(T).map(([name, code]) => [typeCodes.get(code), name]));

/** Operators exist in the imported operator sets, with the right numbers of inputs and outputs and the right attributes. */
export function checkOperators(model: ModelProto): Problem[] {
  const local = new Set(model.functions.map(({ domain, name }) => `${domain}:${name}`));
  const problems = checkNodes(model.graph?.node ?? [], model, local);
  for (const definition of model.functions) {
    const scope = {
      opsetImport: definition.opsetImport.length > 0 ? definition.opsetImport : model.opsetImport,
    };
    for (const problem of checkNodes(definition.node, scope, local)) {
      problems.push({ ...problem, where: `function ${definition.name}: ${problem.where}` });
    }
  }
  return problems;
}

type Scope = Pick<ModelProto, 'opsetImport'>;

function checkNodes(nodes: readonly NodeProto[], scope: Scope, local: ReadonlySet<string>): Problem[] {
  return nodes.flatMap(node => [
    ...checkNode(node, scope, local),
    ...subgraphs(node).flatMap(graph => checkNodes(graph.node, scope, local)),
  ]);
}

function checkNode(node: NodeProto, scope: Scope, local: ReadonlySet<string>): Problem[] {
  const where = describeNode(node);
  if (local.has(`${node.domain}:${node.opType}`)) return [];
  const own = isDefaultDomain(node.domain);
  const opset = scope.opsetImport.find(({ domain }) =>
    own ? isDefaultDomain(domain) : domain === node.domain,
  );
  if (opset === undefined) {
    const domain = own ? "ONNX's own operators" : node.domain;
    return [
      { code: 'NO_OPSET', where, expected: `the model to import the operator set of ${domain}`, got: 'none' },
    ];
  }
  // Of other domains, and of versions later than this table, nothing is known.
  if (!own || opset.version > LATEST_OPSET) return [];
  const version = Number(opset.version);
  const row = (Object.hasOwn(operators, node.opType) ? operators[node.opType] : undefined)?.findLast(
    ([since]) => since <= version,
  );
  if (row === undefined || row[6]) {
    const got = row?.[6] ? `${node.opType}, which it removed` : node.opType;
    return [{ code: 'UNKNOWN_OPERATOR', where, expected: `an operator of opset ${version}`, got }];
  }
  return [...checkArity(node, where, row), ...checkAttributes(node, where, row)];
}

function checkArity(node: NodeProto, where: string, row: OperatorRow): Problem[] {
  const [, minInputs, maxInputs, minOutputs, maxOutputs] = row;
  const problems: Problem[] = [];
  const check = (kind: string, count: number, min: number, max: number): void => {
    if (count >= min && (max < 0 || count <= max)) return;
    const range = max < 0 ? `at least ${min}` : min === max ? `${min}` : `${min} to ${max}`;
    problems.push({ code: 'WRONG_ARITY', where, expected: `${range} ${kind}`, got: `${count}` });
  };
  check('inputs', node.input.length, minInputs, maxInputs);
  check('outputs', node.output.length, minOutputs, maxOutputs);
  return problems;
}

function checkAttributes(node: NodeProto, where: string, row: OperatorRow): Problem[] {
  const allowed =
    row[5] === '' ? [] : row[5].split(' ').map(item => /^(\w+):(\w+)(!?)$/.exec(item)!.slice(1));
  const problems: Problem[] = [];
  const wrong = (expected: string, got: string): void => {
    problems.push({ code: 'WRONG_ATTRIBUTE', where, expected, got });
  };
  for (const attribute of node.attribute) {
    const name = JSON.stringify(attribute.name);
    const type = allowed.find(([known]) => known === attribute.name)?.[1];
    if (type === undefined) {
      wrong(
        allowed.length === 0 ? 'no attributes' : `one of ${allowed.map(([known]) => known).join(', ')}`,
        name,
      );
    } else if (attribute.refAttrName === '' && typeCodes.get(attribute.type) !== type) {
      const actual = typeNames.get(typeCodes.get(attribute.type)) ?? `type ${attribute.type}`;
      wrong(`attribute ${name} as ${typeNames.get(type)}`, actual);
    }
  }
  for (const [name, , required] of allowed) {
    if (required && !node.attribute.some(attribute => attribute.name === name))
      wrong(`attribute "${name}"`, 'none');
  }
  return problems;
}
