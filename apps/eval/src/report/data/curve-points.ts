import { type RocCurve, rocCurve, thinCurve } from '@ood/metrics';

/** Points of a detector's curves on one set, as counts of the rows that are flagged: from none to all. */
export interface CurvePoints {
  readonly idFlagged: Uint32Array;
  readonly oodFlagged: Uint32Array;
}

/** Decades of the logarithmic axis. */
const DECADES = 4;

/**
 * Those points of the exact ROC curve that one sees: no other is farther than `tolerance` (a share of an axis) from the one before it, on
 * the ROC chart, on its logarithmic axis over four decades, and on the precision-recall chart. The counts are exact, so hovering is too.
 */
export function curvePoints(id: Float64Array, ood: Float64Array, tolerance: number): CurvePoints {
  const { fpr, tpr } = rocCurve(id, ood);
  // The curve's own thresholds give way to the places of its points: what is kept can be told.
  const places = Float64Array.from(fpr.keys());
  const kept = (x: Float64Array, y: Float64Array): Iterable<number> => {
    const curve: RocCurve = { fpr: x, tpr: y, thresholds: places };
    return thinCurve(curve, { tolerance }).thresholds;
  };
  const decades = fpr.map(value => Math.max(0, 1 + Math.log10(value) / DECADES));
  const precision = fpr.map((value, i) => {
    const [idFlagged, oodFlagged] = [value * id.length, tpr[i]! * ood.length];
    return oodFlagged === 0 ? 1 : oodFlagged / (oodFlagged + idFlagged);
  });
  const all = new Set([...kept(fpr, tpr), ...kept(decades, tpr), ...kept(tpr, precision)]);
  const points = Uint32Array.from(all).sort();
  return {
    idFlagged: points.map(point => Math.round(fpr[point]! * id.length)),
    oodFlagged: points.map(point => Math.round(tpr[point]! * ood.length)),
  };
}
