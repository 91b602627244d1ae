import { encodeModel, makeGraph, makeModel, makeNode, type Session } from '@ood/onnx';
import type { Environment, Fitted, Scorer } from '../contract/method.ts';
import type { Matrix } from '../contract/rows.ts';
import { loadRuntime } from '../contract/runtime.ts';
import type { Bank } from './bank.ts';
import { inverseNorm } from './bank.ts';
import { BestSoFar } from './best-so-far.ts';

/** Queries and bank rows of one product: their similarities stay in the cache. */
const QUERIES_AT_ONCE = 256;
const BANK_ROWS_AT_ONCE = 8192;
/** Neighbours found in float32 beyond k, so that the exact k nearest are among them. */
const EXTRA = 8;
/** Largest relative error of one float32 operation. */
const FLOAT32_ROUNDING = 2 ** -24;

/** The candidates of one query, and what it was divided by. */
export interface Query {
  readonly row: number;
  /** The query as it came. */
  readonly values: Float32Array | Float64Array;
  /** 1 / its norm. */
  readonly scale: number;
  /** Rows of the bank that hold the most similar ones. */
  readonly candidates: Int32Array;
  /** Their similarities to the query as it came, to within `error`. */
  readonly similarities: Float64Array;
  readonly error: number;
}

/**
 * A scorer over the nearest rows of a bank. Similarities come from float32 matrix products, block by block; what is within
 * reach of the k best is handed to `score`, which computes in float64.
 */
export function searchScorer(
  fitted: Fitted<{ readonly k: number }>,
  { runtime, threads }: Environment,
  score: (query: Query, bank: Bank, logits: Matrix) => number,
): Scorer {
  const bank = bankOf(fitted);
  const searched = bank.rows instanceof Float32Array ? bank.rows : Float32Array.from(bank.rows);
  // |scale · row| is at most this: 1 for rows divided by their norm.
  const largestScale = largestRow(bank);
  const wanted = Math.min(bank.count, fitted.options.k + EXTRA);
  let opening: Promise<Session> | undefined;
  const open = async () =>
    (await loadRuntime(runtime)).createSession(product(), threads === undefined ? {} : { threads });
  const best = Array.from({ length: QUERIES_AT_ONCE }, () => new BestSoFar(wanted));
  const similarities = new Float32Array(QUERIES_AT_ONCE * Math.min(bank.count, BANK_ROWS_AT_ONCE));
  return {
    async score({ features, logits }, { signal }) {
      const { rows, cols, data } = features;
      const scores = new Float64Array(rows);
      opening ??= open();
      const session = await opening;
      for (let start = 0; start < rows; start += QUERIES_AT_ONCE) {
        const end = Math.min(rows, start + QUERIES_AT_ONCE);
        const queries = Float32Array.from(data.subarray(start * cols, end * cols));
        for (let first = 0; first < bank.count; first += BANK_ROWS_AT_ONCE) {
          signal?.throwIfAborted();
          const last = Math.min(bank.count, first + BANK_ROWS_AT_ONCE);
          const y = similarities.subarray(0, (end - start) * (last - first));
          await session.run(
            {
              queries: { type: 'float32', dims: [end - start, cols], data: queries },
              bank: {
                type: 'float32',
                dims: [last - first, cols],
                data: searched.subarray(first * cols, last * cols),
              },
            },
            { y: { type: 'float32', dims: [end - start, last - first], data: y } },
          );
          for (let q = 0; q < end - start; q++)
            scan(best[q], y, q * (last - first), bank.scales, first, last);
        }
        for (let row = start; row < end; row++) {
          const values = data.subarray(row * cols, (row + 1) * cols);
          const { indices: candidates, values: similarities } = best[row - start].found();
          const scale = inverseNorm(values);
          const error = scale === 0 ? 0 : (cols * FLOAT32_ROUNDING * largestScale) / scale;
          const query = { row, values, scale, candidates, similarities, error };
          scores[row] = score(query, bank, logits);
          best[row - start].clear();
        }
      }
      return scores;
    },
    async close() {
      await (await opening)?.close();
    },
  };
}

/** The bank of a fitted method. */
export function bankOf({ arrays: { bank, scales } }: Pick<Fitted, 'arrays'>): Bank {
  const [count, dim] = bank.shape;
  return { count, dim, rows: bank.data as Bank['rows'], scales: scales.data as Float64Array };
}

function largestRow({ count, dim, rows, scales }: Bank): number {
  let largest = 0;
  for (let j = 0; j < count; j++) {
    const norm = inverseNorm(rows.subarray(j * dim, (j + 1) * dim));
    if (norm > 0) largest = Math.max(largest, Math.abs(scales[j]) / norm);
  }
  return largest;
}

/** The hot loop: one multiplication and one comparison for each row of the bank. */
function scan(
  best: BestSoFar,
  products: Float32Array,
  offset: number,
  scales: Float64Array,
  first: number,
  last: number,
): void {
  let { threshold } = best;
  for (let j = first, at = offset; j < last; j++, at++) {
    const similarity = products[at] * scales[j];
    if (similarity <= threshold) continue;
    best.add(similarity, j);
    threshold = best.threshold;
  }
}

function product(): Uint8Array {
  return encodeModel(
    makeModel(
      makeGraph('similarities', {
        inputs: [
          { name: 'queries', type: 'float32', dims: ['queries', 'dim'] },
          { name: 'bank', type: 'float32', dims: ['bank', 'dim'] },
        ],
        outputs: [{ name: 'y', type: 'float32', dims: ['queries', 'bank'] }],
        nodes: [
          makeNode('Gemm', { inputs: ['queries', 'bank'], outputs: ['y'], attributes: { transB: 1n } }),
        ],
      }),
    ),
  );
}
