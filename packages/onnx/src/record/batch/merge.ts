import { OnnxError } from '../../errors.ts';
import type { Dim, Graph, Node, Value } from '../graph/graph.ts';
import { typedData } from '../graph/graph-builder.ts';
import { BatchExpressions } from './batch-expressions.ts';
import { fitInteger, fitNumber } from './fit.ts';

/** Recordings of one function at several batch sizes. */
export interface Recordings {
  readonly graphs: readonly Graph<number>[];
  readonly sizes: readonly number[];
  /** The graph input, by position, and its axis that is the batch. */
  readonly batch: { readonly input: number; readonly axis: number };
}

/**
 * One graph for every batch size from recordings at three. They must agree node by node; numbers and dimensions that
 * differ must follow from the batch size by a formula which the first two determine and the third confirms. Those are
 * computed in the graph from the shape of an input.
 *
 * @throws OnnxError `BATCH_DEPENDENCE` when the recordings do not agree or no formula fits.
 */
export function mergeRecordings(recordings: Recordings): Graph {
  return new Merger(recordings).graph();
}

/** One value, node or dimension as each of the recordings has it, the first one first. */
type Versions<T> = readonly T[];

class Merger {
  readonly #graphs: readonly Graph<number>[];
  readonly #sizes: readonly number[];
  readonly #first: Graph<number>;
  readonly #inputs: Graph['inputs'];
  readonly #expressions: BatchExpressions;
  readonly #merged = new Map<number, Value>();

  constructor({ graphs, sizes, batch }: Recordings) {
    this.#graphs = graphs;
    this.#sizes = sizes;
    this.#first = graphs[0]!;
    this.#inputs = this.#first.inputs.map(({ name }, i) => ({
      name,
      value: this.#plain(graphs.map(graph => graph.inputs[i]!.value)),
    }));
    const lastId = allValues(this.#first).reduce((max, { id }) => Math.max(max, id), -1);
    this.#expressions = new BatchExpressions(this.#inputs[batch.input]!.value, batch.axis, lastId + 1);
  }

  graph(): Graph {
    const nodes = this.#first.nodes.map((node, n) => this.#node(node, n));
    if (this.#graphs.some(graph => graph.nodes.length !== nodes.length)) {
      const counts = this.#graphs.map(graph => graph.nodes.length);
      throw this.#dependence(`the function takes ${counts.join(', ')} operations`);
    }
    const outputs = this.#first.outputs.map(({ name }, i) => ({
      name,
      value: this.#operand(this.#graphs.map(graph => graph.outputs[i]!.value)),
    }));
    return { inputs: this.#inputs, outputs, nodes: [...this.#expressions.nodes, ...nodes] };
  }

  #node(node: Node<number>, n: number): Node {
    const versions = this.#graphs.map(graph => graph.nodes[n]);
    const same = versions.every(v => v?.operator === node.operator && v.inputs.length === node.inputs.length);
    if (!same) {
      const found = versions.map(v => v?.operator ?? 'nothing');
      throw this.#dependence(`operation ${n} is ${found.join(', ')}`);
    }
    if (versions.some(v => JSON.stringify(v!.attributes) !== JSON.stringify(node.attributes))) {
      throw this.#dependence(`an attribute of '${node.operator}' differs`);
    }
    const inputs = node.inputs.map((_, i) => versions.map(v => v!.inputs[i]!));
    const outputs = node.outputs.map((_, i) => versions.map(v => v!.outputs[i]!));
    return {
      operator: node.operator,
      attributes: node.attributes,
      inputs: inputs.map(input => this.#operand(input, node)),
      outputs: outputs.map(output => this.#plain(output)),
    };
  }

  /** What a node reads or the graph gives: one value, or a constant that follows from the batch size. */
  #operand(versions: Versions<Value<number>>, reader?: Node<number>): Value {
    const value = versions[0]!;
    if (versions.some(v => v.id !== value.id)) throw this.#disorder();
    if (value.data && !versions.every(v => sameData(v, value))) return this.#computed(versions, reader);
    return this.#plain(versions);
  }

  #plain(versions: Versions<Value<number>>): Value {
    const value = versions[0]!;
    const known = this.#merged.get(value.id);
    if (known) return known;
    if (versions.some(v => v.id !== value.id || v.shape.length !== value.shape.length))
      throw this.#disorder();
    const merged: Value = { ...value, shape: this.#dims(versions) };
    this.#merged.set(value.id, merged);
    return merged;
  }

  #dims(versions: Versions<Value<number>>): Dim[] {
    return versions[0]!.shape.map((dim, axis) => {
      const seen = versions.map(v => v.shape[axis]!);
      if (seen.every(other => other === dim)) return dim;
      const fit = fitInteger(seen, this.#sizes);
      if (!fit) throw this.#dependence(`a dimension is ${seen.join(', ')}`);
      return fit.scale === 0 ? fit.offset : fit;
    });
  }

  #computed(versions: Versions<Value<number>>, reader?: Node<number>): Value {
    const value = versions[0]!;
    if (value.type === 'int64' && versions.every(v => v.data!.length === value.data!.length)) {
      return this.#computedShape(versions, reader);
    }
    if (versions.every(v => v.data!.length === 1)) {
      const seen = versions.map(v => Number(v.data![0]));
      const fit = fitNumber(seen, this.#sizes);
      if (!fit) throw this.#dependence(`a number is ${seen.join(', ')}`);
      return this.#expressions.number(fit, value.type);
    }
    throw this.#dependence(`a constant of shape [${value.shape}] differs in its values`);
  }

  #computedShape(versions: Versions<Value<number>>, reader?: Node<number>): Value {
    const value = versions[0]!;
    const elements = Array.from(value.data as BigInt64Array, (_, index): Dim => {
      const seen = versions.map(v => Number(v.data![index]));
      if (seen.every(other => other === seen[0])) return seen[0]!;
      const fit = fitInteger(seen, this.#sizes);
      if (!fit) throw this.#dependence(`a shape argument is ${seen.join(', ')}`);
      return fit;
    });
    const free = elements.filter(element => typeof element !== 'number').length;
    if (reader?.operator !== 'Reshape' || free !== 1) return this.#expressions.shape(elements);
    const target = elements.map(element => (typeof element === 'number' ? element : -1));
    return { ...value, shape: [elements.length], data: typedData(target, 'int64') };
  }

  #disorder(): OnnxError {
    return this.#dependence('the order of the operations differs');
  }

  #dependence(what: string): OnnxError {
    return new OnnxError('BATCH_DEPENDENCE', {
      where: 'record',
      expected: 'the same graph for every batch size',
      got: `one where ${what} at batch sizes ${this.#sizes.join(', ')}`,
      advice:
        'make the function independent of the batch size (no loop over rows, no fresh random numbers), or give the ' +
        'inputs a fixed batch dimension',
    });
  }
}

function allValues(graph: Graph<number>): Value<number>[] {
  const ports = [...graph.inputs, ...graph.outputs].map(port => port.value);
  return [...ports, ...graph.nodes.flatMap(node => [...node.inputs, ...node.outputs])];
}

function sameData(a: Value<number>, b: Value<number>): boolean {
  if (a.data === b.data) return true;
  if (!a.data || !b.data || a.data.length !== b.data.length) return false;
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return false;
  return true;
}
