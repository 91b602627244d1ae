import * as tf from '@tensorflow/tfjs';
import type { GraphBuilder, Symbolic } from '../graph/graph-builder.ts';
import { type KernelCall, type KernelTable, unsupported } from './kernel.ts';
import { reshaped } from './layout.ts';

/** Kernels that cut and join along axes. */
export const sliceKernels: KernelTable = {
  Slice: ({ inputs, attributes, graph }: KernelCall<tf.SliceAttrs>) => {
    const x = inputs.x!;
    const [begin, size] = parameters(x, attributes);
    return sliced(
      graph,
      x,
      begin,
      begin.map((from, i) => from + size[i]!),
      begin.map(() => 1),
    );
  },
  StridedSlice: ({ inputs, attributes, graph }: KernelCall<tf.StridedSliceAttrs>) => {
    const x = inputs.x!;
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
    const plan = tf.slice_util.sliceInfo(
      [...x.shape],
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    if (plan.strides.some(stride => stride < 0))
      throw unsupported('StridedSlice', 'positive strides', `${strides}`);
    return reshaped(graph, sliced(graph, x, plan.begin, plan.end, plan.strides), plan.finalShape);
  },
  Concat: ({ inputs, attributes, graph }: KernelCall<tf.ConcatAttrs>) => {
    const tensors = Object.values(inputs);
    const [axis] = tf.util.parseAxisParam(attributes.axis, [...tensors[0]!.shape]);
    return concatenated(graph, tensors, axis!);
  },
  Pack: ({ inputs, attributes, graph }: KernelCall<tf.PackAttrs>) => {
    const tensors = Object.values(inputs);
    const rank = tensors[0]!.shape.length;
    const axis = attributes.axis < 0 ? attributes.axis + rank + 1 : attributes.axis;
    const expanded = tensors.map(t =>
      reshaped(graph, t, [...t.shape.slice(0, axis), 1, ...t.shape.slice(axis)]),
    );
    return concatenated(graph, expanded, axis);
  },
  SplitV: ({ inputs, attributes, graph }: KernelCall<tf.SplitVAttrs>) => {
    const x = inputs.x!;
    const [axis] = tf.util.parseAxisParam(attributes.axis, [...x.shape]);
    const sizes = tf.backend_util.prepareSplitSize(
      { shape: [...x.shape] } as tf.Tensor,
      attributes.numOrSizeSplits,
      axis,
    );
    return split(graph, x, axis!, sizes);
  },
  Unpack: ({ inputs, attributes, graph }: KernelCall<tf.UnpackAttrs>) => {
    const x = inputs.value!;
    const axis = attributes.axis < 0 ? attributes.axis + x.shape.length : attributes.axis;
    const shape = x.shape.filter((_, i) => i !== axis);
    const parts = split(graph, x, axis, Array<number>(x.shape[axis]!).fill(1));
    return parts.map(part => reshaped(graph, part, shape));
  },
};

function parameters(x: Symbolic, { begin, size }: tf.SliceAttrs): [number[], number[]] {
  const like = { shape: [...x.shape], rank: x.shape.length } as unknown as tf.Tensor;
  const [from, count] = tf.slice_util.parseSliceParams(like, begin, size);
  return [from!, count!];
}

/** Cuts stored axes only: every element of a broadcast axis is the same. */
function sliced(
  graph: GraphBuilder,
  x: Symbolic,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
): Symbolic {
  const shape = x.shape.map((_, i) => Math.max(0, Math.ceil((end[i]! - begin[i]!) / strides[i]!)));
  const offset = x.shape.length - x.value.shape.length;
  const axes = x.value.shape
    .map((dim, i) => ({ dim, axis: i + offset, stored: i }))
    .filter(({ dim, axis }) => dim === x.shape[axis] && shape[axis] !== dim);
  if (axes.length === 0) return { value: x.value, shape };
  const cut = x.value.shape.map((dim, i) => (axes.some(a => a.stored === i) ? shape[i + offset]! : dim));
  const lists = [axes.map(a => begin[a.axis]!), axes.map(a => end[a.axis]!), axes.map(a => a.stored)];
  if (axes.some(a => strides[a.axis] !== 1)) lists.push(axes.map(a => strides[a.axis]!));
  const parameters = lists.map(list => graph.integers(list));
  return { value: graph.node('Slice', [x.value, ...parameters], x.value.type, cut), shape };
}

function concatenated(graph: GraphBuilder, tensors: readonly Symbolic[], axis: number): Symbolic {
  const parts = tensors.filter(t => t.shape[axis] !== 0);
  if (parts.length === 1) return parts[0]!;
  const values = parts.map(t => graph.full(t));
  const total = parts.reduce((sum, t) => sum + t.shape[axis]!, 0);
  const shape = values[0]!.shape.map((dim, i) => (i === axis ? total : dim));
  return { value: graph.node('Concat', values, values[0]!.type, shape, { axis }), shape };
}

function split(graph: GraphBuilder, x: Symbolic, axis: number, sizes: readonly number[]): Symbolic[] {
  const at = axis - x.shape.length + x.value.shape.length;
  const resize = (shape: readonly number[], size: number, i = axis) =>
    shape.map((dim, k) => (k === i ? size : dim));
  if (sizes.length === 1) return [x];
  if ((x.value.shape[at] ?? 1) !== x.shape[axis]) {
    return sizes.map(size => ({ value: x.value, shape: resize(x.shape, size) }));
  }
  const outputs = sizes.map(size => graph.value(x.value.type, resize(x.value.shape, size, at)));
  graph.fork('Split', [x.value, graph.integers(sizes)], outputs, { axis: at });
  return outputs.map((value, i) => ({ value, shape: resize(x.shape, sizes[i]!) }));
}
