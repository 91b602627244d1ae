/** The q-quantile of ascending values by linear interpolation, as numpy's default (type 7 of Hyndman & Fan 1996). */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  const fraction = position - below;
  return sorted[below]! * (1 - fraction) + sorted[above]! * fraction;
}
