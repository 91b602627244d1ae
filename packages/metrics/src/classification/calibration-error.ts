import { requireOption, whole } from '@ood/core';

/** One bin of a reliability diagram. */
export interface ReliabilityBin {
  /** Confidences in (low, high]. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence and share correct; `null` for an empty bin. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/** The reliability diagram of top-1 confidences in bins of equal width. */
export function reliabilityBins(
  confidence: Float64Array,
  correct: Uint8Array,
  bins: number,
): ReliabilityBin[] {
  requireOption('reliabilityBins', 'bins', bins, whole);
  const count = new Float64Array(bins);
  const confidenceSum = new Float64Array(bins);
  const correctSum = new Float64Array(bins);
  for (let i = 0; i < confidence.length; i++) {
    const bin = binOf(confidence[i]!, bins);
    count[bin]!++;
    confidenceSum[bin]! += confidence[i]!;
    correctSum[bin]! += correct[i]!;
  }
  return Array.from({ length: bins }, (_, bin) => ({
    low: bin / bins,
    high: (bin + 1) / bins,
    count: count[bin]!,
    confidence: count[bin] === 0 ? null : confidenceSum[bin]! / count[bin]!,
    accuracy: count[bin] === 0 ? null : correctSum[bin]! / count[bin]!,
  }));
}

/** Σ over bins of |Σ confidence − Σ correct| / n over the given rows. */
export function calibrationError(
  confidence: Float64Array,
  correct: Uint8Array,
  rows: Uint32Array,
  bins: number,
): number {
  const gaps = new Float64Array(bins);
  for (const row of rows) gaps[binOf(confidence[row]!, bins)]! += confidence[row]! - correct[row]!;
  let sum = 0;
  for (const gap of gaps) sum += Math.abs(gap);
  return sum / rows.length;
}

/** Bins are open below and closed above; a probability a rounding error above 1 belongs to the last. */
function binOf(confidence: number, bins: number): number {
  const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
  // The product rounds: 0.55 · 100 is a little above 55.
  if (bin > 0 && confidence <= bin / bins) return bin - 1;
  return bin < bins - 1 && confidence > (bin + 1) / bins ? bin + 1 : bin;
}
