import type { Group } from './benchmark.ts';
import type { SharedRows } from './shared-rows.ts';

/** Version of `results.json`; raised when a field changes its meaning or goes away. */
export const RESULTS_SCHEMA_VERSION = 1;

/** A value with its 95 % interval, all as fractions of one. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Detection of one OOD set by one detector. */
export interface SetResult {
  readonly set: string;
  readonly group: Group;
  readonly rows: number;
  /** OOD positive, ties count half. Below 0.5 the detector prefers this set to ID data. */
  readonly auroc: Estimate;
  /** Share of OOD rows accepted where 95 % of ID rows are accepted; bootstrap interval, at least Wilson's. */
  readonly fpr95IdAccepted: Estimate;
  /** Share of ID rows rejected where 95 % of OOD rows are caught; bootstrap interval, at least Wilson's. */
  readonly fpr95OodCaught: Estimate;
  /** Average precision with OOD as the positive class. */
  readonly averagePrecisionOod: Estimate;
  /** Average precision with ID as the positive class. */
  readonly averagePrecisionId: Estimate;
  readonly warnings: readonly string[];
}

export interface GroupMean {
  readonly auroc: number;
  readonly fpr95IdAccepted: number;
}

export interface DetectorResult {
  readonly detector: string;
  readonly description: string;
  /** Seconds to fit on the ID training rows; `null` for scores that came from elsewhere. */
  readonly fitSeconds: number | null;
  /** Microseconds to score one sample, from its features or logits; the median over the sets. */
  readonly scoreMicroseconds: number | null;
  /** Largest score accepted where 95 % of ID test rows are accepted; measured on them, no calibrated decision. */
  readonly thresholdIdAccepted: number;
  readonly sets: readonly SetResult[];
  /** Means over the sets of a group; absent where the group is empty. */
  readonly mean: Partial<Readonly<Record<Group, GroupMean>>>;
}

/** A detector that could not be fitted or scored; the others are judged all the same. */
export interface DetectorFailure {
  readonly detector: string;
  /** The code of its error, where that was one of ours. */
  readonly code: string | null;
  /** The message of its error. */
  readonly reason: string;
}

/** What `results.json` holds. Scores are higher for more out-of-distribution; OOD is the positive class. */
export interface Results {
  readonly schemaVersion: typeof RESULTS_SCHEMA_VERSION;
  readonly kind: 'ood-results';
  readonly benchmark: {
    readonly name: string;
    readonly featureDim: number;
    readonly idTrainRows: number;
    readonly idTestRows: number;
    readonly classes: number | null;
  };
  /** Share of the labeled ID test rows that the classifier gets right, with its Wilson interval; null without labels or logits. */
  readonly idAccuracy: Estimate | null;
  /** Rows that ID test or an OOD set shares with an ID set, found before anything was fitted; empty where there are none. */
  readonly sharedRows: readonly SharedRows[];
  readonly detectors: readonly DetectorResult[];
  /** Detectors without a result; empty where all were judged. */
  readonly failures: readonly DetectorFailure[];
  readonly provenance: Readonly<Record<string, string | number>>;
}
