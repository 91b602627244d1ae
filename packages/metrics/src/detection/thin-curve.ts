import { openUnit, requireOption } from '@ood/core';
import type { RiskCoverageCurve } from '../selective/risk-coverage.ts';
import type { PrecisionRecallCurve } from './precision-recall-curve.ts';
import type { RocCurve } from './roc-curve.ts';

/**
 * A curve of the same kind with fewer points, for plotting: no dropped point is farther than `tolerance` on either axis
 * from the kept one before it, so the drawn line is off by at most that. First and last point stay.
 *
 * An ROC curve keeps at most 4 / tolerance + 2 points. Default tolerance 0.001: under one pixel of a 1000-pixel plot.
 *
 * @throws OodError `INVALID_OPTION`
 */
export function thinCurve<Curve extends RocCurve | PrecisionRecallCurve | RiskCoverageCurve>(
  curve: Curve,
  { tolerance = 0.001 }: { readonly tolerance?: number } = {},
): Curve {
  requireOption('thinCurve', 'tolerance', tolerance, openUnit);
  const [x, y] = axesOf(curve);
  const kept = keptPoints(x, y, tolerance);
  const thinned = Object.entries(curve).map(([name, column]: [string, Float64Array]) => [
    name,
    Float64Array.from(kept, index => column[index]!),
  ]);
  return Object.fromEntries(thinned) as Curve;
}

function axesOf(
  curve: RocCurve | PrecisionRecallCurve | RiskCoverageCurve,
): [x: Float64Array, y: Float64Array] {
  if ('fpr' in curve) return [curve.fpr, curve.tpr];
  return 'recall' in curve ? [curve.recall, curve.precision] : [curve.coverage, curve.risk];
}

/** Whenever a point leaves the box around the last kept one, keeps its predecessor, and itself if it leaves that one's box too. */
function keptPoints(x: Float64Array, y: Float64Array, tolerance: number): number[] {
  const kept = [0];
  let anchor = 0;
  const outside = (i: number): boolean =>
    Math.abs(x[i]! - x[anchor]!) > tolerance || Math.abs(y[i]! - y[anchor]!) > tolerance;
  const keep = (i: number): void => {
    if (i !== anchor) kept.push(i);
    anchor = i;
  };
  for (let i = 1; i < x.length; i++) {
    if (!outside(i)) continue;
    keep(i - 1);
    if (outside(i)) keep(i);
  }
  keep(x.length - 1);
  return kept;
}
