import type { Attribute, Dim, Graph, Node, Value, ValueType } from '../graph/graph.ts';
import { typedData } from '../graph/graph-builder.ts';

/** The values that can stand for a node's outputs (one, or one for each), from nodes written before; undefined: none. */
export type Rule = (node: Node, rewriter: Rewriter) => Value | readonly Value[] | undefined;

/** Goes through a graph in order and writes a new one, in which rules have replaced nodes by something better. */
export class Rewriter {
  readonly nodes: Node[] = [];
  readonly #producers = new Map<number, Node>();
  readonly #expressions = new Map<string, Node>();
  readonly #constants = new Map<string, Value>();
  readonly #replaced = new Map<number, Value>();
  readonly #rules: readonly Rule[];
  #nextId: number;

  constructor(rules: readonly Rule[], firstId: number) {
    this.#rules = rules;
    this.#nextId = firstId;
  }

  /** The node that yields `value`, if it is of the given operator. */
  producer(value: Value, operator?: string): Node | undefined {
    const node = this.#producers.get(value.id);
    return operator === undefined || node?.operator === operator ? node : undefined;
  }

  constant(numbers: readonly number[], type: ValueType, shape: readonly Dim[]): Value {
    return this.#shared({ id: this.#nextId++, type, shape, data: typedData(numbers, type) });
  }

  /** Writes a node with one output, after trying the rules on it. */
  node(
    operator: string,
    inputs: readonly Value[],
    like: Pick<Value, 'type' | 'shape'>,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    const output: Value = { id: this.#nextId++, type: like.type, shape: like.shape };
    return this.write({ operator, inputs, outputs: [output], attributes })[0]!;
  }

  /** Writes a node, its equal from before, or what a rule puts in its place; returns its outputs. */
  write(original: Node): readonly Value[] {
    const node = { ...original, inputs: original.inputs.map(input => this.resolve(input)) };
    for (const rule of this.#rules) {
      const better = rule(node, this);
      if (!better) continue;
      const values: readonly Value[] = 'id' in better ? [better] : better;
      for (const [i, output] of node.outputs.entries()) this.#replaced.set(output.id, values[i]!);
      return values;
    }
    const expression = key(node);
    const equal = this.#expressions.get(expression);
    if (equal) {
      for (const [i, output] of node.outputs.entries()) this.#replaced.set(output.id, equal.outputs[i]!);
      return equal.outputs;
    }
    this.#expressions.set(expression, node);
    this.nodes.push(node);
    for (const output of node.outputs) this.#producers.set(output.id, node);
    return node.outputs;
  }

  resolve(value: Value): Value {
    return this.#replaced.get(value.id) ?? this.#shared(value);
  }

  /** Small constants of the same content are one. */
  #shared(value: Value): Value {
    if (!value.data || value.name !== undefined || value.data.length > 64) return value;
    const content = `${value.type} [${value.shape}] ${Array.from(value.data as Iterable<unknown>, exact)}`;
    const known = this.#constants.get(content);
    if (known) return known;
    this.#constants.set(content, value);
    return value;
  }
}

/** Applies rules to every node of a graph. */
export function rewrite(graph: Graph, rules: readonly Rule[]): Graph {
  const values = graph.nodes.flatMap(node => [...node.inputs, ...node.outputs]);
  const ports = [...graph.inputs, ...graph.outputs].map(port => port.value);
  const last = [...values, ...ports].reduce((max, value) => Math.max(max, value.id), -1);
  const rewriter = new Rewriter(rules, last + 1);
  for (const node of graph.nodes) rewriter.write(node);
  const outputs = graph.outputs.map(port => ({ ...port, value: rewriter.resolve(port.value) }));
  return { inputs: graph.inputs, outputs, nodes: rewriter.nodes };
}

/** Equal for nodes that compute the same; one of more outputs gives what one of fewer does not. */
function key({ operator, inputs, outputs, attributes }: Node): string {
  return `${operator} ${inputs.map(input => input.id)} ${outputs.length} ${JSON.stringify(attributes)}`;
}

/** Text that tells −0 from 0. */
function exact(number: unknown): string {
  return Object.is(number, -0) ? '-0' : String(number);
}
