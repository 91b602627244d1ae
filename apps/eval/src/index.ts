export type {
  Benchmark,
  Contestant,
  DetectorScores,
  FeatureSet,
  GrayImage,
  Group,
  Matrix,
  OodFeatureSet,
  Scorer,
} from './benchmark.ts';
export { BenchmarkError, type BenchmarkErrorCode } from './errors.ts';
export { type ReadBenchmarkOptions, readBenchmark } from './read-benchmark.ts';
export { type ReportInput, renderReport } from './report/render-report.ts';
export {
  type DetectorFailure,
  type DetectorResult,
  type Estimate,
  type GroupMean,
  RESULTS_SCHEMA_VERSION,
  type Results,
  type SetResult,
} from './results.ts';
export {
  type BenchmarkProgress,
  type BenchmarkRun,
  type RunBenchmarkOptions,
  runBenchmark,
} from './run-benchmark.ts';
export { describeSharedRows, findSharedRows, type SharedRows } from './shared-rows.ts';
export { writeRun } from './write-run.ts';
