// Everything at once

export { type Comparison, compare, compareAll, type MetricDifference, type PairwiseTest } from './compare.ts';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';

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
export { type PrecisionRecallCurve, precisionRecallCurve } from './detection/precision-recall-curve.ts';
export { type RocCurve, rocCurve } from './detection/roc-curve.ts';
export { type ScorePair, splitByLabel } from './detection/split-by-label.ts';
export { thinCurve } from './detection/thin-curve.ts';

// Uncertainty: intervals, paired tests, corrections

export { type AdjustmentMethod, adjustPValues } from './uncertainty/adjust-p-values.ts';
export { type AverageRanks, averageRanks } from './uncertainty/average-ranks.ts';
export { bootstrap, bootstrapMetrics } from './uncertainty/bootstrap.ts';
export { type BootstrapDifference, bootstrapDifferences } from './uncertainty/bootstrap-difference.ts';
export { type DelongResult, delong } from './uncertainty/delong.ts';
export { type DelongTest, delongTest } from './uncertainty/delong-test.ts';
export type { Estimate, Interval } from './uncertainty/interval.ts';
export { type MeanEstimate, meanInterval } from './uncertainty/mean-interval.ts';
export type { BootstrapOptions, BootstrapResult } from './uncertainty/resample.ts';
export { type ConfidenceOptions, wilson } from './uncertainty/wilson.ts';

// Decisions from ID scores only

export { type BatchDecision, benjaminiHochberg } from './decision/benjamini-hochberg.ts';
export { type Calibration, calibrate } from './decision/calibration.ts';
export {
  type ClassConditionalOptions,
  type ClassThreshold,
  type ClassThresholds,
  classConditionalThresholds,
  exceedsClassThreshold,
  type PredictedScores,
} from './decision/class-conditional.ts';
export {
  type CombinationMethod,
  type CombinedPValue,
  type CombineOptions,
  combinationMethods,
  combinePValues,
} from './decision/combine-p-values.ts';
export { conformalPValues, randomizedConformalPValues } from './decision/conformal-p-values.ts';
export {
  type ConformalOptions,
  type ConformalThreshold,
  conformalThreshold,
} from './decision/conformal-threshold.ts';
export { type Fusion, type FusionOptions, fitFusion, fusedScores, fusionPValues } from './decision/fusion.ts';
export { type PacThreshold, pacThreshold } from './decision/pac-threshold.ts';
export { fitSmoothedTail, type SmoothedTail, smoothedLogPValues } from './decision/smoothed-tail.ts';

// The classifier itself, on ID samples

export type { ReliabilityBin } from './classification/calibration-error.ts';
export {
  type ClassifierEvaluation,
  type EvaluateClassifierOptions,
  evaluateClassifier,
} from './classification/evaluate-classifier.ts';
export type { ClassifierOptions, OutputKind } from './classification/row-outcomes.ts';

// Selective classification: the classifier's own failures, found by a score

export {
  evaluateFailurePrediction,
  type FailurePrediction,
} from './selective/evaluate-failure-prediction.ts';
export { type RiskCoverageCurve, riskCoverageCurve } from './selective/risk-coverage.ts';
export { type SelectiveRisk, selectiveRisk } from './selective/selective-risk.ts';

// Geometry of features

export { type DeadDimensions, deadDimensions } from './geometry/dead-dimensions.ts';
export { type EffectiveRank, effectiveRank } from './geometry/effective-rank.ts';
export {
  type FeatureGeometry,
  type FeatureGeometryOptions,
  featureGeometry,
} from './geometry/feature-geometry.ts';
export { type FeatureNorms, featureNorms } from './geometry/feature-norms.ts';
export { type NeuralCollapse, neuralCollapse } from './geometry/neural-collapse.ts';
export type { LongRunOptions } from './geometry/pause.ts';
export { type Tolerance, tolerance } from './geometry/tolerance.ts';
export { type Uniformity, type UniformityOptions, uniformity } from './geometry/uniformity.ts';

// Inputs and errors

export { MetricsError, type MetricsErrorCode } from './errors.ts';
export type { Scores } from './input/scores.ts';
