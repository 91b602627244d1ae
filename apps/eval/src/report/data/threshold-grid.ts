/** Steps of the threshold slider: every tenth of a percent of ID. */
export const STEPS = 1000;

/**
 * The threshold of every step `k` of the slider, `[STEPS + 1]`: the smallest score below or at which lie at least k / STEPS of the ID scores.
 * Step 0 accepts nothing. Step 950 is the threshold of FPR95.
 */
export function thresholdGrid(sortedId: Float64Array): Float64Array {
  const n = sortedId.length;
  return Float64Array.from({ length: STEPS + 1 }, (_, k) =>
    k === 0 ? Number.NEGATIVE_INFINITY : sortedId[Math.ceil((k * n) / STEPS) - 1]!,
  );
}

/** How many of the ascending scores each of the ascending thresholds accepts (those at most as large). */
export function acceptedCounts(sorted: Float64Array, thresholds: Float64Array): Uint32Array {
  let accepted = 0;
  return Uint32Array.from(thresholds, threshold => {
    while (accepted < sorted.length && sorted[accepted]! <= threshold) accepted++;
    return accepted;
  });
}
