import type { Dim, Graph, Node, Value } from '../graph/graph.ts';
import { sameShape, scalarOf } from '../graph/shape.ts';

/** One term of a sum that is zero but for columns [from, to) of an axis. */
interface Strip {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  readonly value: Value;
}

/**
 * The gradient of a slice is its gradient padded with zeros; slices that cover an axis leave a sum of such. Where they
 * tile it, the sum is their concatenation.
 */
export function joinPads(graph: Graph): Graph {
  const producers = new Map(
    graph.nodes.flatMap(node => node.outputs.map(output => [output.id, node] as const)),
  );
  const uses = new Map<number, number>();
  for (const value of [
    ...graph.nodes.flatMap(node => node.inputs),
    ...graph.outputs.map(port => port.value),
  ]) {
    uses.set(value.id, (uses.get(value.id) ?? 0) + 1);
  }
  let nextId = [...producers.keys(), ...uses.keys()].reduce((max, id) => Math.max(max, id), -1) + 1;
  const isOpen = (node: Node | undefined): node is Node =>
    node?.operator === 'Add' && node.inputs.every(input => sameShape(input.shape, node.outputs[0]!.shape));
  /** Additions that belong to the sum of a later one. */
  const inside = new Set(
    graph.nodes
      .filter(isOpen)
      .flatMap(node =>
        node.inputs
          .filter(input => uses.get(input.id) === 1 && isOpen(producers.get(input.id)))
          .map(input => input.id),
      ),
  );
  const nodes: Node[] = [];

  /** The terms of a sum, through additions that nothing else reads. */
  const terms = (value: Value, root: boolean): Value[] => {
    const node = producers.get(value.id);
    if (!isOpen(node) || (!root && !inside.has(value.id))) return [value];
    return node.inputs.flatMap(input => terms(input, false));
  };
  const sum = (values: readonly Value[], output?: Value): Value => {
    const [first, ...rest] = values as [Value, ...Value[]];
    return rest.reduce((left, right, i): Value => {
      const total =
        output && i === rest.length - 1 ? output : { id: nextId++, type: left.type, shape: left.shape };
      nodes.push({ operator: 'Add', inputs: [left, right], outputs: [total], attributes: {} });
      return total;
    }, first);
  };

  for (const node of graph.nodes) {
    const output = node.outputs[0]!;
    if (node.operator !== 'Add' || inside.has(output.id)) {
      nodes.push(node);
      continue;
    }
    const all = terms(output, true);
    const strips = all.map(term => strip(term, producers));
    const plan = tiling(
      strips.filter(s => s !== undefined),
      output,
    );
    if (!plan) {
      nodes.push(node);
      continue;
    }
    const pieces = plan.map(group => sum(group.map(s => s.value)));
    const others = all.filter((_, i) => !strips[i]);
    const joined = others.length === 0 ? output : { id: nextId++, type: output.type, shape: output.shape };
    nodes.push({
      operator: 'Concat',
      inputs: pieces,
      outputs: [joined],
      attributes: { axis: plan[0]![0]!.axis },
    });
    if (others.length > 0) sum([joined, ...others], output);
  }
  return { ...graph, nodes };
}

/** What a padded value is: a strip along one fixed axis. */
function strip(value: Value, producers: ReadonlyMap<number, Node>): Strip | undefined {
  const node = producers.get(value.id);
  const [inner, pads, fill] = node?.inputs ?? [];
  if (node?.operator !== 'Pad' || !inner || !pads?.data || !fill || scalarOf(fill) !== 0) return undefined;
  const amounts = Array.from(pads.data, Number);
  const rank = inner.shape.length;
  const axes = inner.shape.flatMap((_, i) => (amounts[i] !== 0 || amounts[i + rank] !== 0 ? [i] : []));
  const [axis] = axes;
  const size: Dim | undefined = axis === undefined ? undefined : inner.shape[axis];
  if (axes.length !== 1 || axis === undefined || typeof size !== 'number') return undefined;
  return { axis, from: amounts[axis]!, to: amounts[axis]! + size, value: inner };
}

/** Strips in groups of the same place that, one after the other, fill their axis; undefined if they do not. */
function tiling(strips: readonly Strip[], { shape }: Value): Strip[][] | undefined {
  if (strips.length < 2 || strips.some(s => s.axis !== strips[0]!.axis)) return undefined;
  const groups = new Map<string, Strip[]>();
  for (const s of strips) groups.set(`${s.from} ${s.to}`, [...(groups.get(`${s.from} ${s.to}`) ?? []), s]);
  const ordered = [...groups.values()].sort((a, b) => a[0]!.from - b[0]!.from);
  const gapless = ordered.every((group, i) => group[0]!.from === (i === 0 ? 0 : ordered[i - 1]![0]!.to));
  const end = ordered.at(-1)![0]!.to;
  return gapless && end === shape[strips[0]!.axis] ? ordered : undefined;
}
