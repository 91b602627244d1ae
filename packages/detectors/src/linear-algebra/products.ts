import { encodeModel, makeGraph, makeModel, makeNode, type Runtime, type Session } from '@ood/onnx';
import { loadRuntime } from '../contract/runtime.ts';

/** Dense products in float64, computed by the runtime's own kernels. Row-major; close it when done. */
export interface Products {
  /** A B of `[rows, inner]` and `[inner, cols]`. */
  multiply(a: Float64Array, b: Float64Array, inner: number): Promise<Float64Array>;
  /** A Bᵀ of `[rows, inner]` and `[cols, inner]`. */
  multiplyTransposed(a: Float64Array, b: Float64Array, inner: number): Promise<Float64Array>;
  /** AᵀB of `[rows, m]` and `[rows, n]`; A ᵀA where both are the same. */
  transposedMultiply(a: Float64Array, b: Float64Array, rows: number): Promise<Float64Array>;
  close(): Promise<void>;
}

const KINDS = {
  multiply: { a: ['rows', 'inner'], b: ['inner', 'cols'], attributes: {} },
  multiplyTransposed: { a: ['rows', 'inner'], b: ['cols', 'inner'], attributes: { transB: 1n } },
  transposedMultiply: { a: ['inner', 'rows'], b: ['inner', 'cols'], attributes: { transA: 1n } },
} as const;

export function openProducts(runtime?: Runtime, threads?: number): Products {
  const sessions = new Map<keyof typeof KINDS, Promise<Session>>();
  const open = async (kind: keyof typeof KINDS) => {
    const { a, b, attributes } = KINDS[kind];
    const graph = makeGraph('product', {
      inputs: [
        { name: 'a', type: 'float64', dims: a },
        { name: 'b', type: 'float64', dims: b },
      ],
      outputs: [{ name: 'y', type: 'float64', dims: ['rows', 'cols'] }],
      nodes: [makeNode('Gemm', { inputs: ['a', 'b'], outputs: ['y'], attributes })],
    });
    const options = threads === undefined ? {} : { threads };
    return (await loadRuntime(runtime)).createSession(encodeModel(makeModel(graph)), options);
  };
  const run = async (
    kind: keyof typeof KINDS,
    a: { data: Float64Array; dims: number[] },
    b: { data: Float64Array; dims: number[] },
  ) => {
    let session = sessions.get(kind);
    if (session === undefined) sessions.set(kind, (session = open(kind)));
    const { y } = await (await session).run({
      a: { type: 'float64', ...a },
      b: { type: 'float64', ...b },
    });
    return y.data as Float64Array;
  };
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
    transposedMultiply: (a, b, rows) =>
      run(
        'transposedMultiply',
        { data: a, dims: [rows, a.length / rows] },
        { data: b, dims: [rows, b.length / rows] },
      ),
    close: async () => {
      for (const session of sessions.values()) await (await session).close();
    },
  };
}
