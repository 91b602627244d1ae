import type { BestSoFar } from './best-so-far.ts';
import { nthLargest } from './nth-largest.ts';
import { GROUP, type Similarities } from './similarities.ts';

export interface ScanOptions {
  readonly queries: number;
  /** Rows of the block, and the index of the first among all of the bank. */
  readonly count: number;
  readonly first: number;
  /** How many are kept of each query. */
  readonly wanted: number;
}

/** Adds to the best of each query what may be among the largest similarities so far. */
export function scanBlock(
  best: readonly BestSoFar[],
  { all, largest }: Similarities,
  { queries, count, first, wanted }: ScanOptions,
): void {
  const groups = count / GROUP;
  for (let q = 0; q < queries; q++) {
    const own = all.subarray(q * count, (q + 1) * count);
    if (largest === undefined) {
      scanRows(best[q], own, first);
      continue;
    }
    const maxima = largest.subarray(q * groups, (q + 1) * groups);
    if (first === 0) best[q].threshold = lowerBound(maxima, wanted);
    scanGroups(best[q], own, { maxima, first });
  }
}

/** One comparison for each row. */
function scanRows(best: BestSoFar, similarities: Float32Array, first: number): void {
  for (let j = 0; j < similarities.length; j++) {
    if (similarities[j] > best.threshold) best.add(similarities[j], first + j);
  }
}

/** One comparison for each group, and one for each row of those groups that hold something. */
function scanGroups(
  best: BestSoFar,
  similarities: Float32Array,
  { maxima, first }: { readonly maxima: Float32Array; readonly first: number },
): void {
  let { threshold } = best;
  for (let g = 0; g < maxima.length; g++) {
    if (maxima[g] <= threshold) continue;
    for (let j = g * GROUP; j < (g + 1) * GROUP; j++) {
      const similarity = similarities[j];
      if (similarity <= threshold) continue;
      best.add(similarity, first + j);
      threshold = best.threshold;
    }
  }
}

/**
 * A number below the `wanted` largest of the numbers behind these maxima: as many groups, so as many numbers, reach it. −∞ where
 * there are too few groups to say.
 */
export function lowerBound(maxima: Float32Array, wanted: number): number {
  if (maxima.length < wanted) return Number.NEGATIVE_INFINITY;
  const reached = nthLargest(maxima.slice(), wanted);
  // float32 numbers are further apart than this.
  return reached - Math.abs(reached) * 2 ** -40 - Number.MIN_VALUE;
}
