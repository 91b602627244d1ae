import { oneOf, requireOption } from '@ood/core';
import type { Scores } from '../input/scores.ts';
import { sortPair, visitTies } from './sorted-pair.ts';

/** The exact precision-recall curve as columns, in order of growing recall up to 1. */
export interface PrecisionRecallCurve {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  /** OOD positive: scores ≥ threshold are taken, descending. ID positive: scores ≤ threshold are taken, ascending. */
  readonly thresholds: Float64Array;
}

/**
 * The precision-recall curve, one point per distinct score. Σ (Rᵢ − Rᵢ₋₁) Pᵢ over it is the average precision: draw it
 * as steps, straight lines between the points are optimistic.
 *
 * @throws OodError `EMPTY_INPUT`, `NON_FINITE`, `INVALID_OPTION`
 * @see Davis & Goadrich (2006), ICML
 */
export function precisionRecallCurve(
  id: Scores,
  ood: Scores,
  { positive = 'ood' }: { readonly positive?: 'ood' | 'id' } = {},
): PrecisionRecallCurve {
  requireOption('precisionRecallCurve', 'positive', positive, oneOf('ood', 'id'));
  const pair = sortPair('precisionRecallCurve', id, ood);
  const size = id.length + ood.length;
  const [precision, recall, thresholds] = [
    new Float64Array(size),
    new Float64Array(size),
    new Float64Array(size),
  ];
  const total = positive === 'ood' ? ood.length : id.length;
  let [points, idAbove, oodAbove] = [0, 0, 0];
  visitTies(pair, {
    add(idCount, oodCount, score) {
      // Taken are the scores ≥ this one for OOD, the scores ≤ this one for ID.
      const idTaken = positive === 'ood' ? idAbove + idCount : id.length - idAbove;
      const oodTaken = positive === 'ood' ? oodAbove + oodCount : ood.length - oodAbove;
      const right = positive === 'ood' ? oodTaken : idTaken;
      precision[points] = right / (idTaken + oodTaken);
      recall[points] = right / total;
      thresholds[points++] = score;
      idAbove += idCount;
      oodAbove += oodCount;
    },
  });
  const columns = [precision, recall, thresholds].map(column => column.slice(0, points));
  if (positive === 'id') for (const column of columns) column.reverse();
  return { precision: columns[0]!, recall: columns[1]!, thresholds: columns[2]! };
}
