import { type GraphProto, renameTensors } from '@ood/onnx';

/** Smaller constants are not worth a search. */
const FEWEST_BYTES = 1024;

/** The graph with equal tables held once: detectors of one head each bring its weights. */
export function shareTables(graph: GraphProto): GraphProto {
  const kept = new Map<string, GraphProto['initializer']>();
  const standsFor = new Map<string, string>();
  for (const table of graph.initializer) {
    const { dims, dataType, rawData } = table;
    if (rawData.length < FEWEST_BYTES) continue;
    const kind = `${dataType} ${dims.join(' ')}`;
    const alike = kept.get(kind) ?? [];
    const first = alike.find(other => sameBytes(other.rawData, rawData));
    if (first) standsFor.set(table.name, first.name);
    else kept.set(kind, [...alike, table]);
  }
  if (standsFor.size === 0) return graph;
  const initializer = graph.initializer.filter(({ name }) => !standsFor.has(name));
  return renameTensors({ ...graph, initializer }, name => standsFor.get(name) ?? name);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
