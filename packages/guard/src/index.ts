// Making one

export type { Calibration, CalibrationSource } from './calibration/calibration.ts';
export { createGuard } from './create/create-guard.ts';
export type { CreateGuardOptions, CreateProgress } from './create/options.ts';
export type { FeatureRows, FeatureStream, GuardRows } from './create/rows.ts';
export type { Manifest } from './folder/manifest.ts';

// Using one

export type {
  CallOptions,
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
} from './contract/guard.ts';
export { type OpenGuardOptions, openGuard } from './open-guard.ts';

// Exporting one

export { type ExportGuardOptions, exportGuard, type ParityReport } from './export/export-guard.ts';
export type { Parity } from './export/parity.ts';

// Errors

export { GuardError, type GuardErrorCode, type GuardErrorParts, isGuardError } from './errors.ts';
