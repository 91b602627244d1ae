/** Points of a ROC curve, `[n]` each, from (0, 0) to (1, 1). */
export interface PlottedRoc {
  readonly falsePositiveRate: Float64Array;
  readonly truePositiveRate: Float64Array;
}

const STEPS = 200;

/** The exact ROC curve, seen at the resolution of the chart: at most `2 · STEPS` points. */
export function plottedRoc(id: Float64Array, ood: Float64Array): PlottedRoc {
  const sortedId = id.slice().sort().reverse();
  const sortedOod = ood.slice().sort().reverse();
  const thresholds = [sortedId, sortedOod]
    .flatMap(sorted =>
      Array.from({ length: STEPS }, (_, i) => sorted[Math.round((i / (STEPS - 1)) * (sorted.length - 1))]),
    )
    .sort((a, b) => b - a);
  const shares = (sorted: Float64Array): Float64Array => {
    let passed = 0;
    return Float64Array.from([Number.POSITIVE_INFINITY, ...thresholds], threshold => {
      while (passed < sorted.length && sorted[passed] >= threshold) passed++;
      return passed / sorted.length;
    });
  };
  return { falsePositiveRate: shares(sortedId), truePositiveRate: shares(sortedOod) };
}
