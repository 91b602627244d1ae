import { rocCurve, thinCurve } from '@ood/metrics';

/** Points of a ROC curve, `[n]` each, from (0, 0) to (1, 1). */
export interface PlottedRoc {
  readonly falsePositiveRate: Float64Array;
  readonly truePositiveRate: Float64Array;
}

/** Largest error of the drawn line on either axis: under a pixel of the chart. */
const TOLERANCE = 0.004;

/** The exact ROC curve, seen at the resolution of the chart. */
export function plottedRoc(id: Float64Array, ood: Float64Array): PlottedRoc {
  const { fpr, tpr } = thinCurve(rocCurve(id, ood), { tolerance: TOLERANCE });
  return { falsePositiveRate: fpr, truePositiveRate: tpr };
}
