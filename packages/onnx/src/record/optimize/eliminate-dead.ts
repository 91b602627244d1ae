import type { Graph, Node, Value } from '../graph/graph.ts';

/** The graph without nodes that no output needs. */
export function eliminateDead(graph: Graph): Graph {
  const needed = new Set<number>(graph.outputs.map(port => port.value.id));
  const kept: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output: Value) => needed.has(output.id))) continue;
    for (const input of node.inputs) needed.add(input.id);
    kept.push(node);
  }
  return { ...graph, nodes: kept.reverse() };
}
