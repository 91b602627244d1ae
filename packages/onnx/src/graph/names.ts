import type { GraphProto } from '../schema/generated/onnx_pb.ts';
import { constantNames, subgraphs } from './walk.ts';

/** Every tensor name of a graph and its subgraphs. */
export function tensorNames(graph: GraphProto): Set<string> {
  const names = new Set<string>(constantNames(graph));
  for (const info of [...graph.input, ...graph.output]) names.add(info.name);
  for (const node of graph.node) {
    for (const name of [...node.input, ...node.output]) names.add(name);
    for (const graph of subgraphs(node)) for (const name of tensorNames(graph)) names.add(name);
  }
  names.delete('');
  return names;
}

/** The wanted name, or with a number appended the first that is not taken. */
export function freeName(taken: ReadonlySet<string>, wanted: string): string {
  if (!taken.has(wanted)) return wanted;
  for (let i = 1; ; i++) {
    const name = `${wanted}.${i}`;
    if (!taken.has(name)) return name;
  }
}
