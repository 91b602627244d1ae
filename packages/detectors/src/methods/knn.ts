import { encodeModel, makeGraph, makeModel, makeNode, type Runtime, type Session } from '@ood/onnx';
import { requireMatrix, requireTrainingMatrix } from '../contract/check-rows.ts';
import type { Detector } from '../contract/detector.ts';
import { requireCount } from '../contract/options.ts';
import type { TrainingRows } from '../contract/rows.ts';
import { DetectorsError } from '../errors.ts';
import { normaliseRows } from '../linear-algebra/normalise-rows.ts';

export interface KnnOptions {
  /** Which neighbour's distance is the score. Default 50 (Sun et al. for CIFAR; they take 1000 for ImageNet). */
  readonly k?: number;
  /** Runs the matrix products. Default: onnxruntime-node. */
  readonly runtime?: Runtime;
}

/** Rows scored at once: bounds the similarity matrix to this times the bank. */
const BLOCK_ROWS = 512;
/** Neighbours found in float32 beyond k, so that the exact k-th is among them. */
const EXTRA_CANDIDATES = 8;

/**
 * Distance to the k-th nearest ID training row, both l2-normalised (Sun et al., 2022). Needs features.
 *
 * Candidates come from a float32 matrix product; their distances are computed again in float64.
 */
export async function fitKnn(
  training: TrainingRows,
  { k = 50, runtime }: KnnOptions = {},
): Promise<Detector> {
  const features = requireTrainingMatrix('knn', training, 'features');
  requireCount('knn', 'k', k, features.rows);
  const bank = normaliseRows(features);
  const candidates = Math.min(bank.rows, k + EXTRA_CANDIDATES);
  const session = await openSearch(bank, candidates, runtime);
  let closed = false;
  return {
    describe: () => ({
      name: 'knn',
      title: 'KNN',
      paper: 'Sun, Ming, Zhu and Li, 2022: Out-of-distribution detection with deep nearest neighbors',
      needs: ['features'],
      parameters: { k },
    }),
    score: async (rows, { signal } = {}) => {
      if (closed) {
        throw new DetectorsError('CLOSED', {
          where: 'knn',
          expected: 'an open detector',
          got: 'a closed one',
        });
      }
      const queries = normaliseRows(requireMatrix('knn', rows, 'features', bank.cols));
      const scores = new Float64Array(queries.rows);
      for (let start = 0; start < queries.rows; start += BLOCK_ROWS) {
        signal?.throwIfAborted();
        const end = Math.min(queries.rows, start + BLOCK_ROWS);
        const block = queries.data.subarray(start * bank.cols, end * bank.cols);
        const nearest = await search(session, block, bank.cols);
        for (let row = start; row < end; row++) {
          const found = nearest.subarray((row - start) * candidates, (row - start + 1) * candidates);
          scores[row] = kthDistance(queries.data, row, bank, found, k);
        }
      }
      return scores;
    },
    close: async () => {
      closed = true;
      await session.close();
    },
  };
}

/** Similarities by one MatMul against the whole bank, then the indices of the largest. */
async function openSearch(
  bank: { rows: number; cols: number; data: Float64Array },
  candidates: number,
  runtime: Runtime | undefined,
): Promise<Session> {
  const transposed = new Float32Array(bank.data.length);
  for (let row = 0; row < bank.rows; row++) {
    for (let col = 0; col < bank.cols; col++) {
      transposed[col * bank.rows + row] = bank.data[row * bank.cols + col];
    }
  }
  const graph = makeGraph('knn', {
    inputs: [{ name: 'features', type: 'float32', dims: ['batch', bank.cols] }],
    outputs: [{ name: 'nearest', type: 'int64', dims: ['batch', candidates] }],
    nodes: [
      makeNode('MatMul', { inputs: ['features', 'bank'], outputs: ['similarity'] }),
      makeNode('TopK', {
        inputs: ['similarity', 'candidates'],
        outputs: ['similarities', 'nearest'],
        attributes: { axis: -1n, largest: 1n, sorted: 0n },
      }),
    ],
    initializers: {
      bank: { type: 'float32', dims: [bank.cols, bank.rows], data: transposed },
      candidates: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(candidates)) },
    },
  });
  const { nodeRuntime } = runtime === undefined ? await import('@ood/onnx/node') : { nodeRuntime: runtime };
  return nodeRuntime.createSession(encodeModel(makeModel(graph)));
}

async function search(session: Session, block: Float64Array, cols: number): Promise<BigInt64Array> {
  const { nearest } = await session.run({
    features: { type: 'float32', dims: [block.length / cols, cols], data: Float32Array.from(block) },
  });
  return nearest.data as BigInt64Array;
}

function kthDistance(
  queries: Float64Array,
  row: number,
  { cols, data }: { cols: number; data: Float64Array },
  candidates: BigInt64Array,
  k: number,
): number {
  const squared = Float64Array.from(candidates, candidate => {
    let sum = 0;
    for (let i = 0; i < cols; i++) sum += (queries[row * cols + i] - data[Number(candidate) * cols + i]) ** 2;
    return sum;
  });
  return Math.sqrt(squared.sort()[k - 1]);
}
