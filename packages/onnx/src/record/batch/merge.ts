import { RecordError } from '../errors.ts';
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
 * @throws RecordError `BATCH_DEPENDENCE` when the recordings do not agree or no formula fits.
 */
export function mergeRecordings({ graphs, sizes, batch }: Recordings): Graph {
  const [first, ...others] = graphs as [Graph<number>, ...Graph<number>[]];
  const values = new Map<number, Value>();
  const lastId = allValues(first).reduce((max, v) => Math.max(max, v.id), -1);

  const dims = (versions: readonly Value<number>[]): Dim[] =>
    versions[0]!.shape.map((dim, axis) => {
      const seen = versions.map(v => v.shape[axis]!);
      if (seen.every(other => other === dim)) return dim;
      const fit = fitInteger(seen, sizes);
      if (!fit) throw dependence(`a dimension is ${seen.join(', ')}`, sizes);
      return fit.scale === 0 ? fit.offset : fit;
    });

  const plain = (versions: readonly Value<number>[]): Value => {
    const [value] = versions as [Value<number>];
    const known = values.get(value.id);
    if (known) return known;
    if (versions.some(v => v.id !== value.id || v.shape.length !== value.shape.length)) {
      throw dependence('the order of the operations differs', sizes);
    }
    const merged: Value = { ...value, shape: dims(versions) };
    values.set(value.id, merged);
    return merged;
  };

  const inputs = first.inputs.map((port, i) => ({
    name: port.name,
    value: plain(graphs.map(g => g.inputs[i]!.value)),
  }));
  const expressions = new BatchExpressions(inputs[batch.input]!.value, batch.axis, lastId + 1);

  const use = (versions: readonly Value<number>[], node?: Node<number>): Value => {
    const [value] = versions as [Value<number>];
    if (versions.some(v => v.id !== value.id)) throw dependence('the order of the operations differs', sizes);
    if (value.data && !versions.every(v => sameData(v, value))) return computed(versions, node);
    return plain(versions);
  };

  const computed = (versions: readonly Value<number>[], node?: Node<number>): Value => {
    const [value] = versions as [Value<number>];
    const at = (index: number) => versions.map(v => Number(v.data![index]));
    if (value.type === 'int64' && versions.every(v => v.data!.length === value.data!.length)) {
      const elements = [...(value.data as BigInt64Array)].map((element, index): Dim => {
        if (at(index).every(v => v === Number(element))) return Number(element);
        const fit = fitInteger(at(index), sizes);
        if (!fit) throw dependence(`a shape argument is ${at(index).join(', ')}`, sizes);
        return fit;
      });
      const free = elements.filter(element => typeof element !== 'number').length;
      if (node?.operator === 'Reshape' && free === 1) {
        const target = elements.map(element => (typeof element === 'number' ? element : -1));
        return { ...value, shape: [elements.length], data: typedData(target, 'int64') };
      }
      return expressions.shape(elements);
    }
    if (versions.every(v => v.data!.length === 1)) {
      const fit = fitNumber(at(0), sizes);
      if (!fit) throw dependence(`a number is ${at(0).join(', ')}`, sizes);
      return expressions.number(fit, value.type);
    }
    throw dependence(`a constant of shape [${value.shape}] differs in its values`, sizes);
  };

  const nodes = first.nodes.map((node, n): Node => {
    const versions = graphs.map(g => g.nodes[n]);
    const same = versions.every(v => v?.operator === node.operator && v.inputs.length === node.inputs.length);
    if (!same) {
      const found = versions.map(v => v?.operator ?? 'nothing');
      throw dependence(`operation ${n} is ${found.join(', ')}`, sizes);
    }
    if (versions.some(v => JSON.stringify(v!.attributes) !== JSON.stringify(node.attributes))) {
      throw dependence(`an attribute of '${node.operator}' differs`, sizes);
    }
    return {
      operator: node.operator,
      attributes: node.attributes,
      inputs: node.inputs.map((_, i) =>
        use(
          versions.map(v => v!.inputs[i]!),
          node,
        ),
      ),
      outputs: node.outputs.map((_, i) => plain(versions.map(v => v!.outputs[i]!))),
    };
  });
  if (others.some(g => g.nodes.length !== nodes.length)) {
    throw dependence(`the function takes ${graphs.map(g => g.nodes.length).join(', ')} operations`, sizes);
  }
  const outputs = first.outputs.map((port, i) => ({
    name: port.name,
    value: use(graphs.map(g => g.outputs[i]!.value)),
  }));
  return { inputs, outputs, nodes: [...expressions.nodes, ...nodes] };
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

function dependence(what: string, sizes: readonly number[]): RecordError {
  return new RecordError(
    'BATCH_DEPENDENCE',
    `record: expected the same graph for every batch size, but ${what} at batch sizes ${sizes.join(', ')}; make the ` +
      'function independent of the batch size (no loop over rows, no fresh random numbers), or give the inputs a fixed ' +
      'batch dimension.',
  );
}
