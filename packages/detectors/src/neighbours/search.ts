import type { Environment, Fitted, Scorer } from '../contract/method.ts';
import type { Matrix } from '../contract/rows.ts';
import { inverseNorm } from '../linear-algebra/normalise-rows.ts';
import type { Bank } from './bank.ts';
import { BestSoFar } from './best-so-far.ts';
import { scanBlock } from './scan.ts';
import { type BankBlock, GROUP, openSimilarities, type SimilarityEngine } from './similarities.ts';

/** Queries and bank rows of one product: their similarities stay in the cache. */
const QUERIES_AT_ONCE = 256;
const BANK_ROWS_AT_ONCE = 4096;
/** So few queries compare with so many more rows of the bank at once, since starting a product costs more than what groups save. */
const FEW = 16;
/**
 * Neighbours found in float32 beyond k: the exact k nearest are among them, unless more rows than these are as near as the k-th
 * to within float32 rounding (a crowd of near duplicates); then those found are k of that crowd.
 */
const EXTRA = 8;
/** Largest relative error of one float32 operation. */
const FLOAT32_ROUNDING = 2 ** -24;
/** Roundings of a similarity besides those of its product: of both vectors, the scale, and their multiplication. */
const ROUNDED = 4;

/** The candidates of one query, and what it was divided by. */
export interface Query {
  /** The query as it came. */
  readonly values: Float32Array | Float64Array;
  /** Its logits, where the method reads them. */
  readonly logits: Float32Array | Float64Array;
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
  environment: Environment,
  score: (query: Query, bank: Bank) => number,
): Scorer {
  const bank = bankOf(fitted);
  const [many, few] = blocksOf(bank);
  // |scale · row| is at most this: 1 for rows divided by their norm.
  const largestScale = largestRow(bank);
  const wanted = Math.min(bank.count, fitted.options.k + EXTRA);
  const best = Array.from({ length: QUERIES_AT_ONCE }, () => new BestSoFar(wanted));
  let opening: Promise<SimilarityEngine> | undefined;
  return {
    async score({ features, logits }, { signal }) {
      const { rows, cols, data } = features;
      const scores = new Float64Array(rows);
      const most = QUERIES_AT_ONCE * Math.min(bank.count, BANK_ROWS_AT_ONCE);
      opening ??= openSimilarities(bank.dim, most, environment);
      const engine = await opening;
      for (let start = 0; start < rows; start += QUERIES_AT_ONCE) {
        const end = Math.min(rows, start + QUERIES_AT_ONCE);
        const queries = new Float32Array(data.subarray(start * cols, end * cols));
        for (const block of end - start <= FEW ? few : many) {
          signal?.throwIfAborted();
          scanBlock(best, await engine.run(queries, block), { ...block, queries: end - start, wanted });
        }
        for (let row = start; row < end; row++) {
          const values = rowOf(features, row);
          const { indices: candidates, values: similarities } = best[row - start].found();
          const scale = inverseNorm(values);
          const error = scale === 0 ? 0 : ((cols + ROUNDED) * FLOAT32_ROUNDING * largestScale) / scale;
          const query = { values, logits: rowOf(logits, row), scale, candidates, similarities, error };
          scores[row] = score(query, bank);
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

function rowOf(matrix: Matrix | undefined, row: number): Float32Array | Float64Array {
  const { cols, data } = matrix ?? NO_COLUMNS;
  return data.subarray(row * cols, (row + 1) * cols);
}

const NO_COLUMNS = { cols: 0, data: new Float32Array(0) };

type Block = BankBlock & { readonly first: number; readonly count: number };

/** The bank in float32, cut into blocks of whole groups and a rest, for many queries; and into larger ones, for few. */
function blocksOf({ rows, scales, count, dim }: Bank): [many: readonly Block[], few: readonly Block[]] {
  const rows32 = rows instanceof Float32Array ? rows : Float32Array.from(rows);
  const scales32 = Float32Array.from(scales);
  const cut = (end: number, size: number, grouped: boolean, start = 0): Block[] =>
    Array.from({ length: Math.ceil((end - start) / size) }, (_, i) => {
      const first = start + i * size;
      const last = Math.min(end, first + size);
      return {
        first,
        count: last - first,
        rows: rows32.subarray(first * dim, last * dim),
        scales: scales32.subarray(first, last),
        grouped,
      };
    });
  const whole = count - (count % GROUP);
  return [
    [...cut(whole, BANK_ROWS_AT_ONCE, true), ...cut(count, GROUP, false, whole)],
    cut(count, (BANK_ROWS_AT_ONCE * QUERIES_AT_ONCE) / FEW, false),
  ];
}

/** The bank of a fitted method. */
export function bankOf({ arrays: { bank, scales } }: Pick<Fitted, 'arrays'>): Bank {
  const [count, dim] = bank.shape;
  return { count, dim, rows: bank.data as Bank['rows'], scales: scales.data as Float64Array };
}

function largestRow({ count, dim, rows, scales }: Bank): number {
  let largest = 0;
  for (let j = 0; j < count; j++) {
    const norm = inverseNorm(rows, j * dim, (j + 1) * dim);
    if (norm > 0) largest = Math.max(largest, Math.abs(scales[j]) / norm);
  }
  return largest;
}
