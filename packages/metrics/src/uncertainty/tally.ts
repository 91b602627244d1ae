import { sortPair, type TieVisitor, visitTies } from '../detection/sorted-pair.ts';
import type { Scores } from '../input/scores.ts';

/** The distinct scores of both sets and where each sample falls: resampling then needs counts only, no sorting. */
export interface Tally {
  /** Distinct scores, from the highest to the lowest. */
  readonly scores: Float64Array;
  /** For every ID sample, the index of its score in `scores`. */
  readonly idGroup: Uint32Array;
  /** For every OOD sample, the index of its score in `scores`. */
  readonly oodGroup: Uint32Array;
}

/** Groups the samples by distinct score, in O(n log n). */
export function tallyScores(where: string, id: Scores, ood: Scores): Tally {
  const pair = sortPair(where, id, ood);
  const distinct = new Float64Array(id.length + ood.length);
  let count = 0;
  visitTies(pair, {
    add(_id, _ood, score) {
      distinct[count++] = score;
    },
  });
  const scores = distinct.slice(0, count);
  return { scores, idGroup: groupsOf(id, scores), oodGroup: groupsOf(ood, scores) };
}

/** Feeds a visitor with resampled counts, skipping scores that were not drawn. */
export function visitCounts(
  tally: Tally,
  counts: { readonly id: Uint32Array; readonly ood: Uint32Array },
  visitor: TieVisitor,
): void {
  const { id, ood } = counts;
  for (let group = 0; group < tally.scores.length; group++) {
    if (id[group]! + ood[group]! > 0) visitor.add(id[group]!, ood[group]!, tally.scores[group]!);
  }
}

function groupsOf(values: Scores, descending: Float64Array): Uint32Array {
  const groups = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    let low = 0;
    let high = descending.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (descending[middle]! > values[i]!) low = middle + 1;
      else high = middle;
    }
    groups[i] = low;
  }
  return groups;
}
