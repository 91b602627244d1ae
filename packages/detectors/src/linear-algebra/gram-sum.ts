import { type GraphProto, makeGraph, makeNode, type Session, type Tensor, type TensorInfo } from '@ood/onnx';

/** A sum Σ AᵀA over blocks A `[rows, dim]`, float64. Only one of each pair of equal halves is multiplied out. */
export interface GramSum {
  add(block: Float64Array, rows: number): Promise<void>;
  /** `[dim, dim]`, symmetric. */
  total(): Float64Array;
}

/** Columns of a strip, at least: narrower products cost more than they save. */
const NARROWEST = 128;
const MOST_STRIPS = 8;

/** @param session of `gramGraph(dim)` */
export function gramSum(session: Promise<Session>, dim: number): GramSum {
  const zeros = () => stripsOf(dim).map(({ size }) => new Float64Array(size));
  // The runtime adds to one of them and writes into the other.
  let [sums, next] = [zeros(), zeros()];
  const tensors = (prefix: string, arrays: readonly Float64Array[]): Record<string, Tensor> =>
    Object.fromEntries(
      stripsOf(dim).map(({ dims }, s) => [`${prefix}${s}`, { type: 'float64', dims, data: arrays[s]! }]),
    );
  return {
    async add(block, rows) {
      const feeds = {
        a: { type: 'float64' as const, dims: [rows, dim], data: block },
        ...tensors('sum', sums),
      };
      await (await session).run(feeds, tensors('next', next));
      [sums, next] = [next, sums];
    },
    total: () => assembled(sums, dim),
  };
}

/** Adds AᵀA to sums, strip by strip: a strip has the products of its columns of A with themselves and with all later ones. */
export function gramGraph(dim: number): GraphProto {
  const strips = stripsOf(dim);
  const tensor = (name: string, dims: readonly number[]): TensorInfo => ({ name, type: 'float64', dims });
  const slice = (from: string, to: string, output: string) =>
    makeNode('Slice', { inputs: ['a', from, to, 'columns'], outputs: [output] });
  const integer = (value: number): Tensor => ({
    type: 'int64',
    dims: [1],
    data: BigInt64Array.of(BigInt(value)),
  });
  return makeGraph('gram', {
    inputs: [
      { name: 'a', type: 'float64', dims: ['rows', dim] },
      ...strips.map(({ dims }, s) => tensor(`sum${s}`, dims)),
    ],
    outputs: strips.map(({ dims }, s) => tensor(`next${s}`, dims)),
    nodes: strips.flatMap((_, s) => [
      slice(`start${s}`, `end${s}`, `own${s}`),
      slice(`start${s}`, 'dim', `later${s}`),
      makeNode('Gemm', {
        inputs: [`own${s}`, `later${s}`, `sum${s}`],
        outputs: [`next${s}`],
        attributes: { transA: 1n },
      }),
    ]),
    initializers: Object.fromEntries([
      ['columns', integer(1)],
      ['dim', integer(dim)],
      ...strips.flatMap(({ start, end }, s) => [
        [`start${s}`, integer(start)],
        [`end${s}`, integer(end)],
      ]),
    ]),
  });
}

interface Strip {
  readonly start: number;
  readonly end: number;
  readonly dims: readonly [rows: number, cols: number];
  readonly size: number;
}

function stripsOf(dim: number): readonly Strip[] {
  const count = Math.max(1, Math.min(MOST_STRIPS, Math.floor(dim / NARROWEST)));
  return Array.from({ length: count }, (_, s) => {
    const start = Math.round((s * dim) / count);
    const end = Math.round(((s + 1) * dim) / count);
    return { start, end, dims: [end - start, dim - start], size: (end - start) * (dim - start) };
  });
}

function assembled(strips: readonly Float64Array[], dim: number): Float64Array {
  const whole = new Float64Array(dim * dim);
  stripsOf(dim).forEach(({ start, end, dims: [, width] }, s) => {
    for (let i = start; i < end; i++) {
      for (let j = i, at = (i - start) * (width + 1); j < dim; j++, at++) {
        whole[i * dim + j] = strips[s]![at]!;
        whole[j * dim + i] = strips[s]![at]!;
      }
    }
  });
  return whole;
}
