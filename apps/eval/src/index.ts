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
export { renderReport } from './report/render-report.ts';
export type { ReportInput } from './report/report-input.ts';
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

// Tasks: benchmarks as data

export {
  type CompareRunsOptions,
  compareRuns,
  type FigureDifference,
  type RunComparison,
} from './compare/compare-runs.ts';
export type { Cell, CellFacts, CellFailure, CellName } from './run/cells.ts';
export { headOfModel, withLogits } from './run/head-of-model.ts';
export type { PreparedBackbone } from './run/prepare-backbone.ts';
export type { PrepareOptions, PrepareProgress } from './run/prepare-options.ts';
export type { GivenScores } from './run/read-scores.ts';
export {
  type BackboneRun,
  type Overwrite,
  type RunTaskOptions,
  type RunTaskProgress,
  runTask,
  type TaskRun,
} from './run/run-task.ts';
export { readSummary } from './summary/read-summary.ts';
export { summarize } from './summary/summarize.ts';
export {
  type BackboneSummary,
  type DetectorSummary,
  type OverSeeds,
  type Ranking,
  type SetFigures,
  SUMMARY_SCHEMA_VERSION,
  type Summary,
} from './summary/summary.ts';
export {
  type FigureCell,
  type FigureColumn,
  type FiguresTable,
  figuresTable,
} from './tables/figures-table.ts';
export { csvTable, latexTable, markdownTable, terminalTable } from './tables/write-table.ts';
export { checkTask, parseTask } from './tasks/parse-task.ts';
export { readTask, shippedTaskFile, shippedTasks } from './tasks/shipped-tasks.ts';
export type { ModelSource, SetSource, Task, TaskBackbone, TaskDetector, TaskSets } from './tasks/task.ts';
export { hashTask } from './tasks/task-hash.ts';
