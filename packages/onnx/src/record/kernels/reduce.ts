import * as tf from '@tensorflow/tfjs';
import type { Value } from '../graph/graph.ts';
import type { GraphBuilder, Symbolic } from '../graph/graph-builder.ts';
import { sizeOf } from '../graph/shape.ts';
import type { Kernel, KernelCall, KernelTable } from './kernel.ts';

interface Reduction {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

/** What reducing `copies` equal elements does to their common value. */
type OfCopies = (graph: GraphBuilder, value: Symbolic, copies: number) => Symbolic;

const same: OfCopies = (_, value) => value;
const times: OfCopies = (graph, value, copies) =>
  graph.elementwise('Mul', [value, graph.number(copies, value.value.type)]);
const power: OfCopies = (graph, value, copies) =>
  graph.elementwise('Pow', [value, graph.number(copies, value.value.type)]);

/** Axes that are only broadcast are never expanded: n equal elements sum to n times the element. */
function reduction(operator: string, ofCopies: OfCopies): Kernel<Reduction> {
  return ({ inputs, attributes, graph }) => {
    const x = inputs.x!;
    const rank = x.shape.length;
    const axes = tf.util.parseAxisParam(attributes.axis ?? attributes.reductionIndices ?? [], [...x.shape]);
    const reduced = axes.length === 0 ? x.shape.map((_, i) => i) : axes;
    const keep = attributes.keepDims === true;
    const without = <T>(dims: readonly T[], one: T) =>
      dims.flatMap((dim, i) => (reduced.includes(i) ? (keep ? [one] : []) : [dim]));
    const shape = without(x.shape, 1);

    const stored = x.value.shape;
    const isStored = (axis: number) => (stored[axis - rank + stored.length] ?? 1) !== 1;
    const copies = sizeOf(reduced.filter(axis => !isStored(axis)).map(axis => x.shape[axis]!));
    let result: Symbolic;
    if (stored.length === 0) result = { value: x.value, shape };
    else {
      const ranked = graph.ranked(x);
      const kept = without(ranked.shape, 1);
      const active = reduced.filter(isStored);
      const value =
        active.length === 0
          ? graph.reshape(ranked, kept)
          : operator === 'ReduceSum' && isColumnSum(ranked, reduced)
            ? columnSum(graph, ranked, kept)
            : graph.node(operator, [ranked], x.value.type, kept, { axes: reduced, keepdims: keep ? 1 : 0 });
      result = { value, shape };
    }
    return copies === 1 ? result : ofCopies(graph, result, copies);
  };
}

function isColumnSum({ type, shape }: Value<number>, axes: readonly number[]): boolean {
  return type === 'float32' && shape.length === 2 && axes.length === 1 && axes[0] === 0;
}

/** The sum over the rows of a matrix (the gradient of a bias) as 1ᵀ x: several times faster than ONNX Runtime's `ReduceSum`. */
function columnSum(graph: GraphBuilder, x: Value<number>, shape: readonly number[]): Value<number> {
  const rows = shape.length === 2 ? [1, x.shape[0]!] : [x.shape[0]!];
  const ones = graph.node('Expand', [graph.scalar(1), graph.integers(rows)], 'float32', rows);
  return graph.node('MatMul', [ones, x], 'float32', shape);
}

const sum = reduction('ReduceSum', times);
const mean = reduction('ReduceMean', same);
const max = reduction('ReduceMax', same);
const min = reduction('ReduceMin', same);
const product = reduction('ReduceProd', power);

/** `All` and `Any` are the minimum and maximum of 0 and 1. */
function logical(kernel: Kernel<Reduction>): Kernel<Reduction> {
  return call => {
    const x = call.graph.cast(call.inputs.x!, 'int32');
    return call.graph.cast(kernel({ ...call, inputs: { x } }) as Symbolic, 'bool');
  };
}

/** Applies `kernel` to its first input as another type. */
function on(type: 'float32' | 'int32', kernel: Kernel<Reduction>): Kernel<Reduction> {
  return call => {
    const x = call.inputs.x!;
    const wanted = type === 'float32' || x.value.type === 'bool' ? type : x.value.type;
    return kernel({ ...call, inputs: { x: call.graph.cast(x, wanted) } });
  };
}

/** ONNX counts positions in `int64`, tfjs in `int32`. */
function position(operator: string): Kernel<tf.ArgMaxAttrs> {
  return ({ inputs, attributes, graph }: KernelCall<tf.ArgMaxAttrs>) => {
    const x = inputs.x!;
    const [axis] = tf.util.parseAxisParam(attributes.axis, [...x.shape]);
    const shape = x.shape.filter((_, i) => i !== axis);
    const found = graph.node(operator, [graph.full(x)], 'int64', shape, { axis: axis!, keepdims: 0 });
    return graph.cast({ value: found, shape }, 'int32');
  };
}

/** Kernels that reduce axes. */
export const reduceKernels: KernelTable = {
  Sum: on('int32', sum),
  Mean: on('float32', mean),
  Max: max,
  Min: min,
  Prod: on('int32', product),
  All: logical(min),
  Any: logical(max),
  ArgMax: position('ArgMax'),
  ArgMin: position('ArgMin'),
};
