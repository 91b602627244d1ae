import * as tf from '@tensorflow/tfjs';
import type { Symbolic } from '../graph/graph-builder.ts';
import { type KernelCall, type KernelTable, unsupported } from './kernel.ts';

/** Kernels that look up, mark or add up by index. */
export const gatherKernels: KernelTable = { GatherV2, UnsortedSegmentSum, OneHot, TopK };

function GatherV2({ inputs, attributes, graph }: KernelCall<tf.GatherV2Attrs>): Symbolic {
  const { x, indices } = inputs as { x: Symbolic; indices: Symbolic };
  if (attributes.batchDims) throw unsupported('GatherV2', 'batchDims 0', `${attributes.batchDims}`);
  const [axis] = tf.util.parseAxisParam(attributes.axis, [...x.shape]);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis! + 1)];
  const places = graph.full(indices);
  if (x.shape.length === 2 && axis === 1 && indices.shape.length === 1) {
    // Runtimes gather columns by one copy per number, seven times slower than element by element with an index for each.
    const row = { value: graph.reshape(places, [1, shape[1]!]), shape };
    const value = graph.node('GatherElements', [graph.full(x), graph.full(row)], x.value.type, shape, {
      axis: 1,
    });
    return { value, shape };
  }
  const value = graph.node('Gather', [graph.full(x), places], x.value.type, shape, { axis: axis! });
  return { value, shape };
}

/** out[s] = Σ x[i] over the i with segmentIds[i] = s; negative ids are dropped. The gradient of a gather. */
function UnsortedSegmentSum({ inputs, attributes, graph }: KernelCall<tf.UnsortedSegmentSumAttrs>): Symbolic {
  const { x, segmentIds } = inputs as { x: Symbolic; segmentIds: Symbolic };
  const values = graph.full(x);
  const shape = [attributes.numSegments, ...x.shape.slice(1)];
  const { data } = segmentIds.value;
  if (data && isPermutation(data, attributes.numSegments)) {
    const inverse = new Int32Array(data.length);
    for (const [from, to] of Array.from(data, Number).entries()) inverse[to] = from;
    const order = graph.constant(inverse, 'int32', [inverse.length], segmentIds.value.name);
    return { value: graph.node('Gather', [values, order], x.value.type, shape, { axis: 0 }), shape };
  }
  // One more segment takes what has a negative id; it is cut off again.
  const spare = [attributes.numSegments + 1, ...shape.slice(1)];
  const zeros = graph.node(
    'Expand',
    [graph.scalar(0, x.value.type), graph.integers(spare)],
    x.value.type,
    spare,
  );
  const negative = graph.elementwise('Less', [segmentIds, graph.number(0, 'int32')], 'bool');
  const last = graph.number(attributes.numSegments, 'int32');
  const ids = graph.elementwise('Where', [negative, last, segmentIds], 'int32');
  const column = graph.reshape(graph.full(ids), [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]);
  const places = graph.full({ value: column, shape: x.shape });
  const attributesOfSum = { axis: 0, reduction: 'add' };
  const sums = graph.node('ScatterElements', [zeros, places, values], x.value.type, spare, attributesOfSum);
  const bounds = [[0], [attributes.numSegments], [0]].map(list => graph.integers(list));
  return { value: graph.node('Slice', [sums, ...bounds], x.value.type, shape), shape };
}

function isPermutation(ids: ArrayLike<number | bigint>, length: number): boolean {
  return (
    ids.length === length &&
    new Set(Array.from(ids, Number).filter(id => id >= 0 && id < length)).size === length
  );
}

function OneHot({ inputs, attributes, graph }: KernelCall<tf.OneHotAttrs>): Symbolic {
  const { depth, onValue, offValue, dtype } = attributes;
  const indices = inputs.indices!;
  const positions = graph.reshape(graph.full(indices), [...indices.shape, 1]);
  const type = dtype === 'int32' || dtype === 'bool' ? dtype : 'float32';
  const classes = graph.constant(
    Int32Array.from({ length: depth }, (_, i) => i),
    'int32',
    [depth],
  );
  const shape = [...indices.shape, depth];
  const hit = graph.elementwise(
    'Equal',
    [
      { value: positions, shape: positions.shape },
      { value: classes, shape: [depth] },
    ],
    'bool',
  );
  if (onValue === 1 && offValue === 0) return graph.cast(hit, type);
  const choice = graph.elementwise(
    'Where',
    [hit, graph.number(onValue, type), graph.number(offValue, type)],
    type,
  );
  return { value: choice.value, shape };
}

function TopK({ inputs, attributes, graph }: KernelCall<tf.TopKAttrs>): Symbolic[] {
  const value = graph.full(inputs.x!);
  const shape = [...value.shape.slice(0, -1), attributes.k];
  const outputs = [graph.value(value.type, shape), graph.value('int64', shape)];
  graph.fork('TopK', [value, graph.integers([attributes.k])], outputs, { axis: -1, largest: 1, sorted: 1 });
  const [largest, positions] = outputs.map(output => ({ value: output, shape }));
  return [largest!, graph.cast(positions!, 'int32')];
}
