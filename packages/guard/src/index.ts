// Making one

export type { Calibration, CalibrationSource, RowCounts } from './calibration/decision.ts';
export type { Power } from './calibration/power.ts';
export type { Warning, WarningCode } from './calibration/warnings.ts';
export { fitGuard } from './fit/fit-guard.ts';
export type { FitGuardOptions, FitGuardProgress } from './fit/options.ts';
export type { FeatureRows, FeatureStream, GuardRows } from './fit/rows.ts';
export { guardDigest } from './folder/guard-digest.ts';
export type { Manifest } from './folder/manifest.ts';
export type { Key } from './folder/signature.ts';

// Using one

export type {
  CallOptions,
  ClassProbability,
  Explanation,
  Guard,
  GuardInput,
  Outcome,
  Prediction,
  RawExplanation,
  Refusal,
  StreamOptions,
  SurprisingDimension,
  Verdict,
} from './open/guard.ts';
export { type OpenGuardOptions, openGuard } from './open/open-guard.ts';

// Exporting one

export { type ExportGuardOptions, exportGuard, type ParityReport } from './export/export-guard.ts';
export type { Parity } from './export/parity.ts';

// Errors

export { GuardError, type GuardErrorCode } from './errors.ts';
