import type { Group } from '../benchmark.ts';
import type { Estimate } from '../results.ts';
import type { CellFailure } from '../run/cells.ts';
import type { SharedRows } from '../shared-rows.ts';

/** Version of a summary; raised when a field changes its meaning or goes away. */
export const SUMMARY_SCHEMA_VERSION = 1;

/** A figure over the seeds of a detector, a fraction of one. */
export interface OverSeeds {
  readonly mean: number;
  /** Half of the 95 % interval of the mean over seeds (Student); `null` for one seed. */
  readonly plusMinus: number | null;
}

/** One detector on one OOD set. */
export interface SetFigures {
  readonly auroc: OverSeeds;
  /** Interval over the samples, of the first seed (DeLong). */
  readonly overSamples: Estimate;
  readonly fpr95IdAccepted: OverSeeds;
  readonly fpr95OodCaught: OverSeeds;
  readonly averagePrecisionOod: OverSeeds;
  readonly averagePrecisionId: OverSeeds;
  /**
   * Against the best detector of the set: DeLong's paired test on the scores of the first seeds, Holm-adjusted over all others; `null` for
   * the best itself, and where there is nothing to test.
   */
  readonly p: number | null;
  /** Whether it is the best, or the samples cannot tell it from the best (p > 0.05). */
  readonly amongBest: boolean;
}

/** One detector on the features of one backbone. */
export interface DetectorSummary {
  readonly detector: string;
  readonly method: string;
  readonly options: Readonly<Record<string, number | string | boolean>>;
  readonly seeds: readonly number[];
  /** Medians over seeds; `null` for scores that came from elsewhere. */
  readonly cost: {
    readonly fitSeconds: number;
    readonly scoreMicroseconds: number;
    readonly megabytes: number;
  } | null;
  readonly sets: Readonly<Record<string, SetFigures>>;
  /** Means over the sets of a group, for each seed, over seeds. */
  readonly mean: Partial<
    Readonly<Record<Group, { readonly auroc: OverSeeds; readonly fpr95IdAccepted: OverSeeds }>>
  >;
  /** Area under the risk–coverage curve of the classifier with the score as its doubt; `null` without labels or logits. */
  readonly aurc: OverSeeds | null;
}

export interface BackboneSummary {
  readonly backbone: string;
  /** SHA-256 of the features. */
  readonly digest: string;
  readonly featureDim: number;
  readonly classes: number | null;
  readonly idTrainRows: number;
  readonly idTestRows: number;
  readonly idAccuracy: Estimate | null;
  readonly sets: readonly { readonly name: string; readonly group: Group; readonly rows: number }[];
  /** In the order of the task. */
  readonly detectors: readonly DetectorSummary[];
  readonly failures: readonly CellFailure[];
  readonly sharedRows: readonly SharedRows[];
  /** Samples that gave no features, by set. */
  readonly unusable: Readonly<Record<string, number>>;
}

/** Mean ranks over all sets of all backbones, of the detectors that have a figure on each. */
export interface Ranking {
  readonly detectors: readonly { readonly detector: string; readonly rank: number }[];
  /** Nemenyi's, at 95 %: mean ranks further apart than this differ. */
  readonly criticalDifference: number;
  /** Sets that were ranked on. */
  readonly sets: number;
}

/** What `results.json` of a run holds. Scores are higher for more out-of-distribution; OOD is the positive class. */
export interface Summary {
  readonly schemaVersion: typeof SUMMARY_SCHEMA_VERSION;
  readonly kind: 'ood-task-results';
  readonly task: { readonly name: string; readonly title: string | null; readonly hash: string };
  readonly backbones: readonly BackboneSummary[];
  readonly missing: readonly {
    readonly backbone: string;
    readonly code: string | null;
    readonly reason: string;
  }[];
  /** `null` where fewer than two detectors, or no set, could be ranked. */
  readonly ranking: Ranking | null;
  readonly provenance: Readonly<Record<string, string | number | null>>;
}
