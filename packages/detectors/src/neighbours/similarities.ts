import { encodeModel, makeGraph, makeModel, makeNode, type Session, type TensorInfo } from '@ood/onnx';
import type { Environment } from '../contract/method.ts';
import { loadRuntime } from '../contract/runtime.ts';

/** Neighbouring rows of the bank that share a maximum. */
export const GROUP = 16;

/** A float32 block of the bank: its rows, and what each is multiplied by. */
export interface BankBlock {
  readonly rows: Float32Array;
  readonly scales: Float32Array;
  /** Whether the largest of each group is wanted; its rows are whole groups then. */
  readonly grouped: boolean;
}

/** Similarities of queries to a block, `[queries, rows]`, and the largest of each group, `[queries, groups]`. */
export interface Similarities {
  readonly all: Float32Array;
  /** Where they were wanted. */
  readonly largest?: Float32Array;
}

/** Similarities in float32 by the runtime's matrix product; close it when done. */
export interface SimilarityEngine {
  /** Overwritten by the next call. */
  run(queries: Float32Array, block: BankBlock): Promise<Similarities>;
  close(): Promise<void>;
}

/** @param most numbers that the similarities of one call may have */
export async function openSimilarities(
  dim: number,
  most: number,
  { runtime, threads }: Environment,
): Promise<SimilarityEngine> {
  const engine = await loadRuntime(runtime);
  const open = (grouped: boolean) =>
    engine.createSession(similarityGraph(grouped), threads === undefined ? {} : { threads });
  const sessions: [rest: Promise<Session>, blocks: Promise<Session>] = [open(false), open(true)];
  const [all, largest] = [new Float32Array(most), new Float32Array(Math.ceil(most / GROUP))];
  return {
    async run(queries, { rows, scales, grouped }) {
      const [asked, held] = [queries.length / dim, scales.length];
      const feeds = {
        queries: { type: 'float32' as const, dims: [asked, dim], data: queries },
        bank: { type: 'float32' as const, dims: [held, dim], data: rows },
        scales: { type: 'float32' as const, dims: [held], data: scales },
      };
      const fetch = (cols: number, data: Float32Array) => ({
        type: 'float32' as const,
        dims: [asked, cols],
        data: data.subarray(0, asked * cols),
      });
      const fetches = { all: fetch(held, all), ...(grouped && { largest: fetch(held / GROUP, largest) }) };
      await (await sessions[Number(grouped)]!).run(feeds, fetches);
      return { all: fetches.all.data, ...(fetches.largest && { largest: fetches.largest.data }) };
    },
    async close() {
      for (const session of sessions) await (await session).close();
    },
  };
}

function similarityGraph(grouped: boolean): Uint8Array {
  const tensor = (name: string, ...dims: string[]): TensorInfo => ({ name, type: 'float32', dims });
  const node = (type: string, inputs: string[], output: string, attributes = {}) =>
    makeNode(type, { inputs, outputs: [output], attributes });
  const graph = makeGraph('similarities', {
    inputs: [tensor('queries', 'queries', 'dim'), tensor('bank', 'bank', 'dim'), tensor('scales', 'bank')],
    outputs: [tensor('all', 'queries', 'bank'), ...(grouped ? [tensor('largest', 'queries', 'groups')] : [])],
    nodes: [
      node('Gemm', ['queries', 'bank'], 'products', { transB: 1n }),
      node('Mul', ['products', 'scales'], 'all'),
      ...(grouped
        ? [
            node('Reshape', ['all', 'shape'], 'parted'),
            node('ReduceMax', ['parted'], 'largest', { axes: [2n], keepdims: 0n }),
          ]
        : []),
    ],
    initializers: grouped
      ? { shape: { type: 'int64', dims: [3], data: BigInt64Array.of(0n, -1n, BigInt(GROUP)) } }
      : {},
  });
  return encodeModel(makeModel(graph));
}
