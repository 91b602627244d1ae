/** Counts of two score samples over the same bins; the last bin takes what lies beyond the range. */
export interface ScoreHistogram {
  /** Edges of the bins `[bins + 1]`, in score units. */
  readonly edges: Float64Array;
  /** Share of the ID scores in each bin, in `[0, 1]`. */
  readonly id: Float64Array;
  readonly ood: Float64Array;
  /** Whether OOD scores lie beyond the last edge (they are counted in the last bin). */
  readonly openEnd: boolean;
}

const BINS = 48;
/** How many ID interquartile ranges of OOD scores are drawn to scale before the axis is cut. */
const VISIBLE_SPREADS = 14;

/**
 * Histogram of ID against OOD scores over a range in which the ID scores stay readable: log-densities of far-OOD
 * inputs lie thousands of standard deviations away and would squeeze everything else into one bin.
 */
export function scoreHistogram(id: Float64Array, ood: Float64Array): ScoreHistogram {
  const sortedId = id.slice().sort();
  const sortedOod = ood.slice().sort();
  const spread = quantile(sortedId, 0.75) - quantile(sortedId, 0.25) || 1;
  const low = Math.min(
    quantile(sortedId, 0.002),
    Math.max(quantile(sortedOod, 0), quantile(sortedId, 0.5) - 3 * spread),
  );
  const most = Math.max(quantile(sortedId, 0.998), quantile(sortedOod, 0.98));
  const high = Math.min(most, quantile(sortedId, 0.5) + VISIBLE_SPREADS * spread);
  const range = widened(low, high);
  const edges = Float64Array.from({ length: BINS + 1 }, (_, i) => between(range, i / BINS));
  return { edges, id: shares(id, range), ood: shares(ood, range), openEnd: most > range.high };
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** A range wide enough for bins that differ: equal scores stand in its middle. */
function widened(low: number, high: number): Range {
  const least = Math.max(Math.abs(low), Math.abs(high), 1e-290) * 1e-9;
  if (high - low > least) return { low, high };
  const half = Math.max(0.5, least);
  return { low: low - half, high: low + half };
}

/** The point at a share of the way; no difference is taken, which could overflow. */
function between({ low, high }: Range, share: number): number {
  return low * (1 - share) + high * share;
}

function shares(scores: Float64Array, { low, high }: Range): Float64Array {
  const counts = new Float64Array(BINS);
  for (const score of scores) {
    const bin = Math.floor(((score / 2 - low / 2) / (high / 2 - low / 2)) * BINS);
    counts[Math.min(BINS - 1, Math.max(0, bin))]! += 1 / scores.length;
  }
  return counts;
}

function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.round(q * (sorted.length - 1))]!;
}
