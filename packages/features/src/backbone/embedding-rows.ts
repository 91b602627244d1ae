import { graphOf, indexGraph, intAttribute, type ModelProto } from '@ood/onnx';

/** Nodes that hand ids on as they are. */
const passing = new Set(['Cast', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Rows of the smallest table that each input looks up, by its name: its values must be below. Inputs that look up none are absent. */
export function embeddingRows(model: ModelProto): Readonly<Record<string, number>> {
  const graph = graphOf(model);
  const index = indexGraph(graph);
  const rows: Record<string, number> = {};
  for (const { name: input } of graph.input) {
    const pending = [input];
    const seen = new Set(pending);
    for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop())
      for (const node of index.consumers(tensor)) {
        const [first = '', second] = node.input;
        const table = index.initializer(first)?.dims[0];
        if (
          node.opType === 'Gather' &&
          second === tensor &&
          table !== undefined &&
          intAttribute(node, 'axis', 0) === 0
        )
          rows[input] = Math.min(rows[input] ?? Number.POSITIVE_INFINITY, Number(table));
        else if (passing.has(node.opType) && first === tensor)
          for (const output of node.output)
            if (!seen.has(output)) {
              seen.add(output);
              pending.push(output);
            }
      }
  }
  return rows;
}
