import type { Products } from '../linear-algebra/products.ts';
import { BestSoFar } from '../neighbors/best-so-far.ts';
import type { ClassRows } from './class-rows.ts';
import { spreadRows } from './spread.ts';

const RANKS = 10;
/** Rows asked for their neighbors, at most. */
const MOST_ASKED = 2000;
/** Similarities at once: 32 MB. */
const AT_ONCE = 2 ** 22;

/** Share of rows whose r-th nearest other row (cosine) is of their class, for r = 1 to at most 10; empty of a single row. */
export async function neighborPurity(
  { count, dim, data, classes }: ClassRows,
  products: Products,
): Promise<Float64Array> {
  const ranks = Math.min(RANKS, count - 1);
  const same = new Float64Array(ranks);
  const asked = spreadRows(count, MOST_ASKED);
  const together = Math.max(1, Math.floor(AT_ONCE / count));
  for (let start = 0; start < asked.length; start += together) {
    const rows = asked.subarray(start, start + together);
    const queries = new Float64Array(rows.length * dim);
    rows.forEach((row, q) => {
      queries.set(data.subarray(row * dim, (row + 1) * dim), q * dim);
    });
    const similarities = await products.multiplyTransposed(queries, data, dim);
    rows.forEach((row, q) => {
      const best = new BestSoFar(ranks);
      for (let other = 0; other < count; other++) {
        const similarity = similarities[q * count + other]!;
        if (other !== row && similarity > best.threshold) best.add(similarity, other);
      }
      const { values, indices } = best.found();
      const order = Array.from(indices.keys()).sort(
        (a, b) => values[b]! - values[a]! || indices[a]! - indices[b]!,
      );
      for (let r = 0; r < ranks; r++) {
        if (classes[indices[order[r]!]!] === classes[row]) same[r]! += 1 / asked.length;
      }
    });
  }
  return same;
}
