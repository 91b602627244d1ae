import * as tf from '@tensorflow/tfjs';
import type { GraphBuilder, Symbolic } from '../graph/graph-builder.ts';
import { padRank, sizeOf } from '../graph/shape.ts';
import type { KernelCall, KernelTable } from './kernel.ts';

/** Kernels that rearrange elements without computing. */
export const layoutKernels: KernelTable = {
  Reshape: ({ inputs, attributes, graph }: KernelCall<tf.ReshapeAttrs>) => {
    const x = inputs.x!;
    return reshaped(graph, x, tf.util.inferFromImplicitShape(attributes.shape, sizeOf(x.shape)));
  },
  ExpandDims: ({ inputs, attributes, graph }: KernelCall<tf.ExpandDimsAttrs>) => {
    const x = inputs.input!;
    const shape = [...x.shape];
    shape.splice(attributes.dim < 0 ? shape.length + attributes.dim + 1 : attributes.dim, 0, 1);
    return reshaped(graph, x, shape);
  },
  Transpose: ({ inputs, attributes, graph }: KernelCall<tf.TransposeAttrs>) => {
    const x = inputs.x!;
    const shape = attributes.perm.map(axis => x.shape[axis]!);
    if (x.value.shape.length === 0) return { value: x.value, shape };
    return { value: graph.transpose(graph.ranked(x), attributes.perm), shape };
  },
  Tile: ({ inputs, attributes, graph }: KernelCall<tf.TileAttrs>) => {
    const x = inputs.x!;
    const repeats = padRank(attributes.reps, x.shape.length);
    const shape = x.shape.map((dim, i) => dim * repeats[i]!);
    const copied = repeats.map((count, i) => (x.shape[i] === 1 ? 1 : count));
    if (x.value.shape.length === 0 || copied.every(count => count === 1)) return { value: x.value, shape };
    const value = graph.full(x);
    const tiled = value.shape.map((dim, i) => dim * copied[i]!);
    return { value: graph.node('Tile', [value, graph.integers(copied)], value.type, tiled), shape };
  },
  Reverse: ({ inputs, attributes, graph }: KernelCall<tf.ReverseAttrs>) => {
    const x = inputs.x!;
    const axes = tf.util.parseAxisParam(attributes.dims, [...x.shape]);
    const value = graph.full(x);
    const lists = [axes.map(() => -1), axes.map(() => -(2 ** 31)), axes, axes.map(() => -1)];
    const reversed = graph.node(
      'Slice',
      [value, ...lists.map(list => graph.integers(list))],
      value.type,
      value.shape,
    );
    return axes.length === 0 ? x : { value: reversed, shape: x.shape };
  },
  PadV2: ({ inputs, attributes, graph }: KernelCall<tf.PadV2Attrs>) => {
    const x = inputs.x!;
    const { paddings, constantValue } = attributes;
    if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
    const shape = x.shape.map((dim, i) => dim + paddings[i]![0] + paddings[i]![1]);
    const pads = graph.integers([...paddings.map(p => p[0]), ...paddings.map(p => p[1])]);
    const value = graph.full(x);
    const fill = graph.scalar(constantValue, value.type);
    return { value: graph.node('Pad', [value, pads, fill], value.type, shape), shape };
  },
};

/** A tensor in another shape; one that is broadcast stays so where only axes of length 1 come or go. */
export function reshaped(graph: GraphBuilder, x: Symbolic, shape: readonly number[]): Symbolic {
  const stored = padRank(x.value.shape, x.shape.length);
  if (x.value.shape.length === 0) return { value: x.value, shape };
  if (sizeOf(stored) === sizeOf(x.shape)) return { value: graph.reshape(x.value, shape), shape };
  const moved = (dims: readonly number[]) => dims.filter(dim => dim !== 1).join();
  if (moved(x.shape) !== moved(shape)) return { value: graph.reshape(graph.full(x), shape), shape };
  const kept = stored.filter((_, i) => x.shape[i] !== 1);
  let next = 0;
  const target = shape.map(dim => (dim === 1 ? 1 : kept[next++]!));
  return { value: graph.reshape(x.value, target), shape };
}
