import { type GraphIndex, type NodeProto, readsOf } from '@ood/onnx';

/** The nodes that carry values from an input of the graph to a tensor, and which of their tensors no way leads around. */
export interface Trunk {
  /** In the order of the graph. */
  readonly nodes: readonly NodeProto[];
  /** Tensors that all ways from the input to the target pass, in order; `at` is the position of the maker among `nodes`. */
  readonly points: readonly TrunkPoint[];
  /** Whether values of the input have part in a tensor. */
  carries(tensor: string): boolean;
}

export interface TrunkPoint {
  readonly tensor: string;
  readonly node: NodeProto;
  readonly at: number;
}

/** What these make depends on the input's shape alone. */
const SHAPES = new Set(['Shape', 'Size']);
/** Of two outputs that are read, the first is the stream, normalized. */
const SKIPS = /^Skip(Simplified)?LayerNormalization$/;

/** The trunk between an input of the graph and a tensor; undefined where the one does not lead to the other. */
export function trunkOf(index: GraphIndex, source: string, target: string): Trunk | undefined {
  const carried = new Set([source]);
  const carriers: NodeProto[] = [];
  for (const node of index.graph.node) {
    if (SHAPES.has(node.opType) || !readsOf(node).some(name => carried.has(name))) continue;
    carriers.push(node);
    for (const name of node.output) if (name !== '') carried.add(name);
  }
  const needed = new Set([target]);
  const nodes: NodeProto[] = [];
  for (const node of carriers.toReversed()) {
    if (!node.output.some(name => needed.has(name))) continue;
    nodes.unshift(node);
    for (const name of readsOf(node)) if (carried.has(name)) needed.add(name);
  }
  if (nodes.length === 0) return undefined;

  /** Position of the last reader of each tensor. */
  const last = new Map([[target, nodes.length]]);
  nodes.forEach((node, at) => {
    for (const name of readsOf(node)) last.set(name, at);
  });
  const points: TrunkPoint[] = [];
  // How far the values of all that came before reach: a node that they reach, and not past, is on every way.
  let reach = last.get(source) ?? 0;
  nodes.forEach((node, at) => {
    const outputs = node.output.filter(name => needed.has(name));
    if (reach <= at && (outputs.length === 1 || SKIPS.test(node.opType)))
      points.push({ tensor: outputs[0]!, node, at });
    for (const name of outputs) reach = Math.max(reach, last.get(name)!);
  });
  return { nodes, points, carries: name => carried.has(name) };
}
