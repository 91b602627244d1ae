import { requireScores, type Scores } from '../input/scores.ts';
import { firstIndex } from '../input/sorted-counts.ts';

/** ID and OOD scores, each sorted in ascending order: what every ranking metric is computed from. */
export interface SortedPair {
  readonly id: Float64Array | Float32Array;
  readonly ood: Float64Array | Float32Array;
}

/** Receives every distinct score once, from the highest to the lowest, with the number of ID and OOD samples at it. */
export interface TieVisitor {
  add(idCount: number, oodCount: number, score: number): void;
}

/** Sorted copies of both sets. Takes n log n time and once the input's memory (float32 stays float32). Errors call the sets by `names`. */
export function sortPair(
  where: string,
  id: Scores,
  ood: Scores,
  names: readonly [id: string, ood: string] = ['id', 'ood'],
): SortedPair {
  requireScores(where, names[0], id);
  requireScores(where, names[1], ood);
  return { id: sortedCopy(id), ood: sortedCopy(ood) };
}

/** A sorted copy. Float32Array stays float32, so that its ties stay ties and its memory stays small. */
function sortedCopy(scores: Scores): Float64Array | Float32Array {
  const copy = scores instanceof Float32Array ? scores.slice() : Float64Array.from(scores);
  const bits = copy instanceof Float32Array ? new Int32Array(copy.buffer) : new BigInt64Array(copy.buffer);
  // Finite floats compare like their bits as signed integers, negative ones in reverse; integers sort about twice as fast.
  bits.sort();
  const negatives = firstIndex(copy, score => score > 0 || Object.is(score, 0));
  copy.subarray(0, negatives).reverse();
  return copy;
}

/** Walks the distinct scores of both sets from the highest to the lowest in n + m steps; 0 and −0 are one score. */
export function visitTies(pair: SortedPair, visitor: TieVisitor): void {
  const { id, ood } = pair;
  let i = id.length - 1;
  let j = ood.length - 1;
  while (i >= 0 || j >= 0) {
    const score = j < 0 || (i >= 0 && id[i]! > ood[j]!) ? id[i]! : ood[j]!;
    const idEnd = i;
    const oodEnd = j;
    while (i >= 0 && id[i] === score) i--;
    while (j >= 0 && ood[j] === score) j--;
    visitor.add(idEnd - i, oodEnd - j, score);
  }
}
