import { type GraphProto, makeGraph, makeNode, type Session } from '@ood/onnx';
import type { Environment } from '../contract/environment.ts';
import { openSession } from '../contract/open-session.ts';
import { type GramSum, gramGraph, gramSum } from './gram-sum.ts';

/** Dense products in float64, computed by the runtime's own kernels. Row-major; close it when done. */
export interface Products {
  /** A B of `[rows, inner]` and `[inner, cols]`. */
  multiply(a: Float64Array, b: Float64Array, inner: number): Promise<Float64Array>;
  /** A Bᵀ of `[rows, inner]` and `[cols, inner]`. */
  multiplyTransposed(a: Float64Array, b: Float64Array, inner: number): Promise<Float64Array>;
  /** AᵀA of `[rows, dim]`. */
  gram(a: Float64Array, rows: number): Promise<Float64Array>;
  /** A sum of such products, to add to block by block. */
  gramSum(dim: number): GramSum;
  close(): Promise<void>;
}

const KINDS = {
  multiply: { a: ['rows', 'inner'], b: ['inner', 'cols'], attributes: {} },
  multiplyTransposed: { a: ['rows', 'inner'], b: ['cols', 'inner'], attributes: { transB: 1n } },
} as const;

export function openProducts(environment: Environment): Products {
  const sessions = new Map<string, Promise<Session>>();
  const sessionOf = (key: string, graph: () => GraphProto): Promise<Session> => {
    let session = sessions.get(key);
    if (session === undefined) sessions.set(key, (session = openSession(graph(), environment)));
    return session;
  };
  const run = async (
    kind: keyof typeof KINDS,
    a: { data: Float64Array; dims: number[] },
    b: { data: Float64Array; dims: number[] },
  ) => {
    const session = await sessionOf(kind, () => productGraph(KINDS[kind]));
    const { y } = await session.run({
      a: { type: 'float64', ...a },
      b: { type: 'float64', ...b },
    });
    return y!.data as Float64Array;
  };
  const sumOf = (dim: number) =>
    gramSum(
      sessionOf(`gram ${dim}`, () => gramGraph(dim)),
      dim,
    );
  return {
    multiply: (a, b, inner) =>
      run(
        'multiply',
        { data: a, dims: [a.length / inner, inner] },
        { data: b, dims: [inner, b.length / inner] },
      ),
    multiplyTransposed: (a, b, inner) =>
      run(
        'multiplyTransposed',
        { data: a, dims: [a.length / inner, inner] },
        { data: b, dims: [b.length / inner, inner] },
      ),
    gram: async (a, rows) => {
      const sum = sumOf(a.length / rows);
      await sum.add(a, rows);
      return sum.total();
    },
    gramSum: sumOf,
    close: async () => {
      for (const session of sessions.values()) await (await session).close();
    },
  };
}

function productGraph({ a, b, attributes }: (typeof KINDS)[keyof typeof KINDS]): GraphProto {
  return makeGraph('product', {
    inputs: [
      { name: 'a', type: 'float64', dims: a },
      { name: 'b', type: 'float64', dims: b },
    ],
    outputs: [{ name: 'y', type: 'float64', dims: ['rows', 'cols'] }],
    nodes: [makeNode('Gemm', { inputs: ['a', 'b'], outputs: ['y'], attributes })],
  });
}
