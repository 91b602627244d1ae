import { readFileSync } from 'node:fs';

/** One pair of score lists with its reference values; see golden/README.md. */
interface GoldenCase {
  readonly name: string;
  readonly id_scores: number[];
  readonly ood_scores: number[];
  readonly auroc: number;
  readonly average_precision_ood_positive: number;
  readonly average_precision_id_positive: number;
  readonly fpr_at_95_tpr_ood_positive: number;
  readonly fpr_at_95_tpr_id_positive: number;
  readonly delong: {
    readonly variance: number | null;
    readonly standard_error?: number;
    readonly interval_95?: { normal: number[]; clipped: number[]; logit: number[] | null };
  };
}

interface GoldenPair {
  readonly name: string;
  readonly id_scores: [number[], number[]];
  readonly ood_scores: [number[], number[]];
  readonly auroc: [number, number];
  readonly covariance: [[number, number], [number, number]];
  readonly difference: number;
  readonly variance_of_difference: number;
  readonly z: number | null;
  readonly p_two_sided: number | null;
}

interface GoldenPValues {
  readonly name: string;
  readonly p: number[];
  readonly p_combined?: number[];
  readonly weights_of_stouffer_weighted: number[];
  readonly adjusted_bh: number[];
  readonly adjusted_by: number[];
  readonly 'rejected_bh_at_0.05': boolean[];
  readonly combined: Record<string, { statistic: number; p: number }>;
}

interface GoldenGeometry {
  readonly features: string;
  readonly uniformity: number;
  readonly tolerance: number;
  readonly tolerance_of_each_class: number[];
}

interface Golden {
  readonly z_975: number;
  readonly cases: GoldenCase[];
  readonly paired: GoldenPair[];
  readonly p_values: GoldenPValues[];
  readonly conformal: { calibration: number[]; test: number[]; p: number[] };
  readonly geometry: GoldenGeometry[];
}

export const golden: Golden = JSON.parse(
  readFileSync(new URL('./golden/metrics.json', import.meta.url), 'utf8'),
);
