import { describeNode } from '../graph/graph-index.ts';
import { subgraphs } from '../graph/walk.ts';
import type { GraphProto, NodeProto } from '../schema/generated/onnx_pb.ts';
import type { Problem } from './problem.ts';

/** Every tensor is made once, and before it is read; outputs exist. `outer` are the names a subgraph may capture. */
export function checkNames(graph: GraphProto, outer: ReadonlySet<string> = new Set()): Problem[] {
  const problems: Problem[] = [];
  const known = new Set(outer);
  const define = (name: string, where: string): void => {
    if (known.has(name)) {
      problems.push({ code: 'DUPLICATE_NAME', where, expected: 'a name not used before', got: quote(name) });
    }
    known.add(name);
  };
  const inputs = new Set<string>();
  for (const { name } of graph.input) {
    if (name === '')
      problems.push({ code: 'EMPTY_NAME', where: 'graph input', expected: 'a name', got: "''" });
    else define(name, `input ${quote(name)}`);
    inputs.add(name);
  }
  const constants = new Set<string>();
  for (const name of [...graph.initializer, ...graph.sparseInitializer.map(sparse => sparse.values)].map(
    tensor => tensor?.name ?? '',
  )) {
    if (name === '')
      problems.push({ code: 'EMPTY_NAME', where: 'initializer', expected: 'a name', got: "''" });
    // An initializer may give an input its default value.
    else if (!inputs.has(name) || constants.has(name)) define(name, `initializer ${quote(name)}`);
    constants.add(name);
  }
  const later = new Map(graph.node.flatMap(node => node.output.map(name => [name, node] as const)));
  for (const node of graph.node) {
    const where = describeNode(node);
    for (const [i, name] of node.input.entries()) {
      if (name !== '' && !known.has(name))
        problems.push(unknownInput(where, `input ${i} ${quote(name)}`, later.get(name)));
    }
    for (const inner of subgraphs(node)) {
      for (const problem of checkNames(inner, known))
        problems.push({ ...problem, where: `${where}, in its subgraph: ${problem.where}` });
    }
    for (const name of node.output) if (name !== '') define(name, where);
  }
  const outputs = new Set<string>();
  for (const { name } of graph.output) {
    const where = `output ${quote(name)}`;
    if (outputs.has(name))
      problems.push({ code: 'DUPLICATE_NAME', where, expected: 'an output once', got: 'it twice' });
    outputs.add(name);
    if (!known.has(name)) {
      problems.push({
        code: 'MISSING_OUTPUT',
        where,
        expected: 'a tensor that some node makes',
        got: 'none of this name',
      });
    }
  }
  return problems;
}

function unknownInput(where: string, got: string, maker: NodeProto | undefined): Problem {
  if (maker === undefined) {
    return {
      code: 'UNKNOWN_INPUT',
      where,
      expected: 'an input, initializer or output of an earlier node',
      got,
    };
  }
  const expected = `nodes in an order in which ${describeNode(maker)} comes first`;
  return { code: 'WRONG_ORDER', where, expected, got };
}

function quote(name: string): string {
  return JSON.stringify(name);
}
