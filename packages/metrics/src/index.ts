// Everything at once

// Detection: ranking metrics, higher score = more OOD, OOD is the positive class
export { auroc } from './detection/auroc.ts';
export { averagePrecisionId, averagePrecisionOod } from './detection/average-precision.ts';
export { type DetectionError, detectionError } from './detection/detection-error.ts';
export {
  type DetectionMetrics,
  detectionMetricNames,
  detectionMetrics,
} from './detection/detection-metrics.ts';
export {
  type FprOptions,
  type FprReading,
  fpr95IdAccepted,
  fpr95OodCaught,
  fprAtTpr,
  type OperatingPoint,
} from './detection/false-positive-rate.ts';
export { type ScorePair, splitByLabel } from './detection/split-by-label.ts';
// Inputs and errors
export { isMetricsError, MetricsError, type MetricsErrorCode, type MetricsErrorParts } from './errors.ts';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';
export type { Scores } from './input/scores.ts';
// Uncertainty
export {
  type BootstrapOptions,
  type BootstrapResult,
  bootstrap,
  bootstrapMetrics,
} from './uncertainty/bootstrap.ts';
export { type DelongResult, delong } from './uncertainty/delong.ts';
export type { Estimate, Interval } from './uncertainty/interval.ts';
export { type ConfidenceOptions, wilson } from './uncertainty/wilson.ts';
