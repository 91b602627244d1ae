import { type GraphProto, makeGraph, makeNode, type Session, type Tensor, type TensorInfo } from '@ood/onnx';
import type { Environment } from '../contract/environment.ts';
import { openSession } from '../contract/open-session.ts';

/**
 * Neighboring rows of a block that share a maximum: the largest numbers lie in the groups of the largest maxima, or in the rest
 * behind the last whole group.
 */
export const GROUP = 16;

/** A float32 block of the bank: its rows, and what each is multiplied by. */
export interface BankBlock {
  readonly rows: Float32Array;
  readonly scales: Float32Array;
}

/** The largest similarities of each query in a block, in no order. */
export interface Largest {
  /** How many of each query: those wanted, or as many as the block has rows. */
  readonly kept: number;
  /** `[queries, kept]` */
  readonly similarities: Float32Array;
  /** The row of each in the block, `[queries, kept]`. */
  readonly rows: Int32Array;
}

/** Finds the most similar rows by float32 matrix products in the runtime; close it when done. */
export interface BlockSearch {
  run(queries: Float32Array, block: BankBlock, wanted: number): Promise<Largest>;
  close(): Promise<void>;
}

export function openBlockSearch(dim: number, environment: Environment): BlockSearch {
  const sessions: { direct?: Promise<Session>; grouped?: Promise<Session> } = {};
  const sessionOf = (kind: keyof typeof sessions) =>
    (sessions[kind] ??= openSession(searchGraph(kind === 'grouped'), environment));
  return {
    async run(queries, { rows, scales }, wanted) {
      const [asked, held] = [queries.length / dim, scales.length];
      const kept = Math.min(wanted, held);
      const whole = held - (held % GROUP);
      const grouped = whole / GROUP >= wanted;
      const end = grouped ? whole : held;
      const matrix = (count: number, data: Float32Array) => float32([count, dim], data);
      const session = await sessionOf(grouped ? 'grouped' : 'direct');
      const { similarities, inside, groups } = await session.run({
        queries: matrix(asked, queries),
        bank: matrix(end, rows.subarray(0, end * dim)),
        scales: float32([end], scales.subarray(0, end)),
        kept: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(kept)) },
        ...(grouped && {
          rest: matrix(held - end, rows.subarray(end * dim)),
          rest_scales: float32([held - end], scales.subarray(end)),
        }),
      });
      return {
        kept,
        similarities: similarities!.data as Float32Array,
        rows: rowsOf(inside!.data as Int32Array, groups?.data as Int32Array | undefined, { kept, whole }),
      };
    },
    async close() {
      for (const session of Object.values(sessions)) await (await session).close();
    },
  };
}

const float32 = (dims: number[], data: Float32Array): Tensor => ({ type: 'float32', dims, data });

/** Rows of a block, from positions inside the groups that were kept of each query, and behind them the rest. Overwrites the positions. */
function rowsOf(
  inside: Int32Array,
  groups: Int32Array | undefined,
  { kept, whole }: { readonly kept: number; readonly whole: number },
): Int32Array {
  if (groups === undefined) return inside;
  for (let at = 0; at < inside.length; at++) {
    const position = inside[at]!;
    const group = Math.floor(position / GROUP);
    inside[at] =
      group < kept
        ? groups[at - (at % kept) + group]! * GROUP + (position % GROUP)
        : whole + position - kept * GROUP;
  }
  return inside;
}

function searchGraph(grouped: boolean): GraphProto {
  const node = (type: string, inputs: string[], outputs: string[], attributes = {}) =>
    makeNode(type, { inputs, outputs, attributes });
  const topK = (from: string, values: string, positions: string) =>
    node('TopK', [from, 'kept'], [values, positions], { sorted: 0n });
  const int32 = (from: string, output: string) => node('Cast', [from], [output], { to: 6n });
  const products = (bank: string, scales: string, output: string) => [
    node('Gemm', ['queries', bank], [`${output}_unscaled`], { transB: 1n }),
    node('Mul', [`${output}_unscaled`, scales], [output]),
  ];
  const direct = [topK('all', 'similarities', 'positions'), int32('positions', 'inside')];
  const byGroups = [
    node('Reshape', ['all', 'parts'], ['parted']),
    node('ReduceMax', ['parted'], ['maxima'], { axes: [2n], keepdims: 0n }),
    topK('maxima', 'largest', 'places'),
    node('Unsqueeze', ['places', 'last'], ['picks']),
    node('GatherND', ['parted', 'picks'], ['picked'], { batch_dims: 1n }),
    node('Reshape', ['picked', 'flat'], ['candidates']),
    ...products('rest', 'rest_scales', 'behind'),
    node('Concat', ['candidates', 'behind'], ['left'], { axis: 1n }),
    topK('left', 'similarities', 'positions'),
    int32('positions', 'inside'),
    int32('places', 'groups'),
  ];
  const tensor = (name: string, type: 'float32' | 'int32', ...dims: string[]): TensorInfo => ({
    name,
    type,
    dims,
  });
  const integers = (...values: number[]): Tensor => ({
    type: 'int64',
    dims: [values.length],
    data: BigInt64Array.from(values, BigInt),
  });
  return makeGraph('block-search', {
    inputs: [
      tensor('queries', 'float32', 'queries', 'dim'),
      tensor('bank', 'float32', 'bank', 'dim'),
      tensor('scales', 'float32', 'bank'),
      { name: 'kept', type: 'int64', dims: [1] },
      ...(grouped
        ? [tensor('rest', 'float32', 'rest', 'dim'), tensor('rest_scales', 'float32', 'rest')]
        : []),
    ],
    outputs: [
      tensor('similarities', 'float32', 'queries', 'kept'),
      tensor('inside', 'int32', 'queries', 'kept'),
      ...(grouped ? [tensor('groups', 'int32', 'queries', 'kept')] : []),
    ],
    nodes: [...products('bank', 'scales', 'all'), ...(grouped ? byGroups : direct)],
    initializers: grouped ? { parts: integers(0, -1, GROUP), last: integers(-1), flat: integers(0, -1) } : {},
  });
}
