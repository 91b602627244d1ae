import type * as tf from '@tensorflow/tfjs';
import type { GraphBuilder, Symbolic } from '../graph/graph-builder.ts';
import { broadcast } from '../graph/shape.ts';
import { activated, type Fused } from './activation.ts';
import type { KernelCall, KernelTable } from './kernel.ts';
import { reshaped } from './layout.ts';

interface Transposes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Matrix products. Of rank 2 they are `Gemm`, which takes both transposes for free; above, `MatMul`. */
export const matmulKernels: KernelTable = {
  BatchMatMul: ({ inputs, attributes, graph }: KernelCall<tf.BatchMatMulAttrs>) =>
    product(graph, inputs.a!, inputs.b!, attributes),
  _FusedMatMul: ({ inputs, attributes, graph }: KernelCall<tf._FusedMatMulAttrs>) => {
    const { a, b, bias, preluActivationWeights: slopes } = inputs as Record<string, Symbolic>;
    // tfjs makes batches of one of plain matrices: taken out again, product and bias are one `Gemm`.
    const plain = [a, b].every(operand => operand!.shape.length === 3 && operand!.shape[0] === 1);
    const fits = [bias, slopes].every(operand => (operand?.shape.length ?? 0) < 3);
    const matrix = (x: Symbolic) => (plain && fits ? reshaped(graph, x, x.shape.slice(1)) : x);
    const made = product(graph, matrix(a!), matrix(b!), attributes);
    const result = activated(graph, made, inputs, attributes as Fused);
    return plain && fits ? reshaped(graph, result, [1, ...result.shape]) : result;
  },
  Einsum: ({ inputs, attributes, graph }: KernelCall<tf.EinsumAttrs>) => {
    const tensors = Object.values(inputs);
    const equation = attributes.equation.replaceAll(' ', '');
    const [terms, result] = equation.split('->') as [string, string];
    const sizes = new Map<string, number>();
    for (const [i, term] of terms.split(',').entries()) {
      for (const [axis, letter] of [...term].entries()) sizes.set(letter, tensors[i]!.shape[axis]!);
    }
    const shape = [...result].map(letter => sizes.get(letter)!);
    const values = tensors.map(tensor => graph.full(tensor));
    return { value: graph.node('Einsum', values, values[0]!.type, shape, { equation }), shape };
  },
};

function product(
  graph: GraphBuilder,
  a: Symbolic,
  b: Symbolic,
  { transposeA, transposeB }: Transposes,
): Symbolic {
  const rank = Math.max(a.shape.length, b.shape.length);
  const [rows, inner] = lastTwo(a.shape, transposeA);
  const columns = lastTwo(b.shape, transposeB)[1];
  if (rank === 2 || (flattens(a, transposeA) && b.shape.length === 2)) {
    const left = graph.reshape(graph.full(a), rank === 2 ? a.shape : [leading(a.shape), inner]);
    const right = graph.full(b);
    const attributes = { ...(transposeA ? { transA: 1 } : {}), ...(transposeB ? { transB: 1 } : {}) };
    const shape = [rank === 2 ? rows : leading(a.shape), columns];
    const flat = graph.node('Gemm', [left, right], 'float32', shape, attributes);
    const full = rank === 2 ? shape : [...a.shape.slice(0, -1), columns];
    return { value: graph.reshape(flat, full), shape: full };
  }
  const left = transposed(graph, a, transposeA);
  const right = transposed(graph, b, transposeB);
  const shape = [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  return { value: graph.node('MatMul', [left, right], 'float32', shape), shape };
}

function lastTwo(shape: readonly number[], swap: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return swap ? [columns, rows] : [rows, columns];
}

function leading(shape: readonly number[]): number {
  return shape.slice(0, -1).reduce((product, dim) => product * dim, 1);
}

function flattens(a: Symbolic, transposeA: boolean): boolean {
  return a.shape.length > 2 && !transposeA;
}

function transposed(graph: GraphBuilder, tensor: Symbolic, swap: boolean) {
  const value = graph.full(tensor);
  if (!swap) return value;
  const axes = value.shape.map((_, i) => i);
  return graph.transpose(value, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}
