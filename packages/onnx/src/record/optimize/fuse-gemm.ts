import type { Graph, Node, Value } from '../graph/graph.ts';
import { sameDim, sameShape } from '../graph/shape.ts';

/**
 * Lets matrix products take the sum, difference or negation that follows: Y = ±A B ± C is one `Gemm`, whether C is a
 * bias row or another product.
 */
export function fuseGemm(graph: Graph): Graph {
  const uses = countUses(graph);
  const producers = new Map<number, Node>();
  const fused = new Set<Node>();

  /** The product that yields `value`, if nothing else reads it and it can still take an addend. */
  const free = (value: Value, output: Value): Node | undefined => {
    const node = producers.get(value.id);
    if (node?.operator !== 'Gemm' || node.inputs.length > 2 || uses.get(value.id) !== 1) return undefined;
    return sameShape(value.shape, output.shape) ? node : undefined;
  };
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const absorbed = absorb(node, free);
    if (absorbed) fused.add(absorbed.product);
    const written = absorbed?.node ?? node;
    for (const output of written.outputs) producers.set(output.id, written);
    nodes.push(written);
  }
  return { ...graph, nodes: nodes.filter(node => !fused.has(node)) };
}

/** A product that does the work of two nodes, and the one it replaces. */
interface Absorption {
  readonly node: Node;
  readonly product: Node;
}

function absorb(node: Node, free: (value: Value, output: Value) => Node | undefined): Absorption | undefined {
  const { operator, inputs, outputs } = node;
  const output = outputs[0]!;
  const [a, b] = inputs as [Value, Value];
  const fuse = (
    product: Value,
    addend: Value | undefined,
    signs: { product: number; addend: number },
  ): Absorption | undefined => {
    const gemm = free(product, output);
    if (!gemm || (addend && !broadcastsTo(addend, output))) return undefined;
    const alpha = signs.product * (gemm.attributes.alpha ? -1 : 1);
    const attributes = {
      ...withoutScale(gemm.attributes),
      ...(alpha < 0 ? { alpha: { float: -1 } } : {}),
      ...(signs.addend < 0 ? { beta: { float: -1 } } : {}),
    };
    const operands = [...gemm.inputs, ...(addend ? [addend] : [])];
    return { node: { operator: 'Gemm', inputs: operands, outputs, attributes }, product: gemm };
  };
  if (operator === 'Neg') return fuse(a, undefined, { product: -1, addend: 1 });
  if (operator === 'Add')
    return fuse(a, b, { product: 1, addend: 1 }) ?? fuse(b, a, { product: 1, addend: 1 });
  if (operator === 'Sub')
    return fuse(a, b, { product: 1, addend: -1 }) ?? fuse(b, a, { product: -1, addend: 1 });
  return undefined;
}

function withoutScale({ alpha: _, ...attributes }: Node['attributes']): Node['attributes'] {
  return attributes;
}

/** Whether `value` broadcasts to the matrix `output` as `Gemm` wants it: one way, rank at most 2. */
function broadcastsTo(value: Value, output: Value): boolean {
  const offset = output.shape.length - value.shape.length;
  if (offset < 0 || value.type !== output.type) return false;
  return value.shape.every((dim, i) => dim === 1 || sameDim(dim, output.shape[i + offset]!));
}

function countUses(graph: Graph): Map<number, number> {
  const uses = new Map<number, number>();
  const count = (value: Value) => uses.set(value.id, (uses.get(value.id) ?? 0) + 1);
  for (const node of graph.nodes) node.inputs.forEach(count);
  for (const port of graph.outputs) count(port.value);
  return uses;
}
