import { type Matrix, throwIfAborted } from '@ood/core';
import type { Environment } from '../contract/environment.ts';
import type { Fitted, Scorer } from '../contract/method.ts';
import { inverseNorm } from '../linear-algebra/inverse-norm.ts';
import type { Bank } from './bank.ts';
import { BestSoFar } from './best-so-far.ts';
import { type BankBlock, type BlockSearch, GROUP, type Largest, openBlockSearch } from './block-search.ts';

/** Similarities of one product at most: 16 MB. */
const AT_ONCE = 2 ** 22;
const QUERIES_AT_ONCE = 256;
/** Rows of the bank for each neighbor wanted, so that few groups of a block hold neighbors. */
const ROWS_PER_NEIGHBOUR = 4 * GROUP;
/**
 * Neighbors found in float32 beyond k: the exact k nearest are among them, unless more rows than these are as near as the k-th
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
  /** Their similarities to the query divided by its norm, to within `error`. */
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
  const error = (bank.dim + ROUNDED) * FLOAT32_ROUNDING * largestRow(bank);
  const wanted = Math.min(bank.count, fitted.options.k + EXTRA);
  const best = Array.from({ length: QUERIES_AT_ONCE }, () => new BestSoFar(wanted));
  const cut = cutter(bank);
  const leastBlock = Math.max(AT_ONCE / QUERIES_AT_ONCE, ROWS_PER_NEIGHBOUR * wanted);
  let search: BlockSearch | undefined;
  return {
    async score({ features, logits }, { signal }) {
      const { rows, cols, data } = features;
      const scores = new Float64Array(rows);
      search ??= openBlockSearch(bank.dim, environment);
      // Few queries meet larger blocks.
      const together = Math.min(rows, Math.ceil(AT_ONCE / leastBlock));
      const blocks = cut(Math.max(leastBlock, Math.floor(AT_ONCE / together)));
      for (let start = 0; start < rows; start += together) {
        const end = Math.min(rows, start + together);
        // Divided by their norms: products of large or small numbers would leave float32.
        const queries = new Float32Array((end - start) * cols);
        const scales = new Float64Array(end - start);
        for (let row = start; row < end; row++) {
          const scale = inverseNorm(data, row * cols, (row + 1) * cols);
          for (let i = 0; i < cols; i++) queries[(row - start) * cols + i] = data[row * cols + i]! * scale;
          scales[row - start] = scale;
        }
        for (const block of blocks) {
          throwIfAborted('score', signal);
          keepBest(best, await search.run(queries, block, wanted), block.first);
        }
        for (let row = start; row < end; row++) {
          const own = best[row - start]!;
          const { indices: candidates, values: similarities } = own.found();
          const [values, scale] = [rowOf(features, row), scales[row - start]!];
          const query = { values, logits: rowOf(logits, row), scale, candidates, similarities, error };
          scores[row] = score(query!, bank);
          own.clear();
        }
      }
      return scores;
    },
    async close() {
      await search?.close();
    },
  };
}

function rowOf(matrix: Matrix | undefined, row: number): Float32Array | Float64Array {
  const { cols, data } = matrix ?? NO_COLUMNS;
  return data.subarray(row * cols, (row + 1) * cols);
}

const NO_COLUMNS = { cols: 0, data: new Float32Array(0) };

type Block = BankBlock & { readonly first: number };

/** Cuts the bank, in float32, into blocks of a size. */
function cutter({ rows, scales, count, dim }: Bank): (size: number) => readonly Block[] {
  const rows32 = rows instanceof Float32Array ? rows : Float32Array.from(rows);
  const scales32 = Float32Array.from(scales);
  return size =>
    Array.from({ length: Math.ceil(count / size) }, (_, i) => ({
      first: i * size,
      rows: rows32.subarray(i * size * dim, (i + 1) * size * dim),
      scales: scales32.subarray(i * size, (i + 1) * size),
    }));
}

function keepBest(best: readonly BestSoFar[], { kept, similarities, rows }: Largest, first: number): void {
  const queries = similarities.length / kept;
  for (let q = 0, at = 0; q < queries; q++) {
    for (let i = 0; i < kept; i++, at++) {
      if (similarities[at]! > best[q]!.threshold) best[q]!.add(similarities[at]!, first + rows[at]!);
    }
  }
}

/** The bank of a fitted method. */
export function bankOf({ arrays: { bank, scales } }: Pick<Fitted, 'arrays'>): Bank {
  const [count, dim] = bank!.shape as [number, number];
  return { count, dim, rows: bank!.data as Bank['rows'], scales: scales!.data as Float64Array };
}

/** The largest |scale · row|: 1 for rows divided by their norm. */
function largestRow({ count, dim, rows, scales }: Bank): number {
  let largest = 0;
  for (let j = 0; j < count; j++) {
    const norm = inverseNorm(rows, j * dim, (j + 1) * dim);
    if (norm > 0) largest = Math.max(largest, Math.abs(scales[j]!) / norm);
  }
  return largest;
}
