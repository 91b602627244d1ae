import { conformalPValues } from '@ood/metrics';

/** How far two computations of the same inputs are apart. */
export interface Parity {
  readonly rows: number;
  /** Largest absolute difference of logits; `null` without a head, or where only scores were compared. */
  readonly logits: number | null;
  readonly score: {
    /** Largest absolute difference. */
    readonly maxDifference: number;
    /** The same relative to the standard deviation of the calibration scores. */
    readonly inDeviations: number;
  };
  /** Largest absolute difference of p-values. */
  readonly pValue: number;
  /** Rows on which the decisions differ. */
  readonly decisions: number;
}

/** What one computation says of some inputs. */
export interface Computed {
  readonly scores: ArrayLike<number>;
  readonly logits?: ArrayLike<number> | undefined;
  /** Default: from the scores. */
  readonly pValues?: ArrayLike<number>;
  readonly isOod?: ArrayLike<number>;
}

/** Compares two computations of the same rows under one calibration. */
export function compareComputations(
  a: Computed,
  b: Computed,
  calibration: { readonly scores: Float32Array; readonly threshold: number },
): Parity {
  const { scores, threshold } = calibration;
  const decide = (computed: Computed) => ({
    p: computed.pValues ?? conformalPValues(scores, Float64Array.from(computed.scores)),
    ood: computed.isOod ?? Array.from(computed.scores, score => (score <= threshold ? 0 : 1)),
  });
  const [left, right] = [decide(a), decide(b)];
  const maxDifference = largestDifference(a.scores, b.scores);
  let decisions = 0;
  for (let i = 0; i < left.ood.length; i++) if (left.ood[i] !== right.ood[i]) decisions++;
  return {
    rows: a.scores.length,
    logits: a.logits && b.logits ? largestDifference(a.logits, b.logits) : null,
    score: { maxDifference, inDeviations: maxDifference / (deviation(scores) || 1) },
    pValue: largestDifference(left.p, right.p),
    decisions,
  };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
