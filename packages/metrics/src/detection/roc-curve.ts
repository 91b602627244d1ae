import type { Scores } from '../input/scores.ts';
import { sortPair, visitTies } from './sorted-pair.ts';

/** The exact ROC curve as columns, from the strictest threshold to the loosest; `(0, 0)` to `(1, 1)`. */
export interface RocCurve {
  /** Share of ID scores ≥ threshold. */
  readonly fpr: Float64Array;
  /** Share of OOD scores ≥ threshold. */
  readonly tpr: Float64Array;
  /** Descending; the first is `Infinity` (nothing is flagged). */
  readonly thresholds: Float64Array;
}

/**
 * The ROC curve with OOD as the positive class: one point per distinct score and none left out, collinear ones included.
 *
 * Up to n + m + 1 points; for a plot see `thinCurve`.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`
 */
export function rocCurve(id: Scores, ood: Scores): RocCurve {
  const pair = sortPair('rocCurve', id, ood);
  const size = id.length + ood.length + 1;
  const [fpr, tpr, thresholds] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  thresholds[0] = Number.POSITIVE_INFINITY;
  let [points, idAbove, oodAbove] = [1, 0, 0];
  visitTies(pair, {
    add(idCount, oodCount, score) {
      fpr[points] = (idAbove += idCount) / id.length;
      tpr[points] = (oodAbove += oodCount) / ood.length;
      thresholds[points++] = score;
    },
  });
  return { fpr: fpr.slice(0, points), tpr: tpr.slice(0, points), thresholds: thresholds.slice(0, points) };
}
