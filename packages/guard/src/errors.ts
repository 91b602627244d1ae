import { type ErrorParts, isOodError, OodError } from '@ood/onnx';

export type GuardErrorCode =
  /** No folder there. */
  | 'GUARD_NOT_FOUND'
  /** The operating system does not let a file of the guard be read. */
  | 'UNREADABLE'
  /** A folder or file that is not a guard. */
  | 'FOREIGN_FOLDER'
  | 'NEWER_VERSION'
  /** A file of the folder is missing, torn or changed. */
  | 'CORRUPT_GUARD'
  /** The preprocessing is not the one that the guard was made with. */
  | 'PREPROCESSING_CHANGED'
  /** The stored probe images no longer give the stored logits. */
  | 'PROBE_MISMATCH'
  | 'FOLDER_EXISTS'
  | 'INVALID_OPTION'
  /** Feature rows of another width, model or preprocessing, or with NaN or infinity. */
  | 'BAD_ROWS'
  | 'UNSUPPORTED_MODEL'
  /** Too few rows to calibrate the wanted rate. */
  | 'TOO_FEW_ROWS'
  /** The detector gives all calibration rows the same score: it decides nothing. */
  | 'CONSTANT_SCORES'
  | 'NOT_EXPORTABLE'
  /** An input that gives no score. */
  | 'BAD_IMAGE'
  | 'CLOSED'
  | 'WORKER_FAILED';

/** The four parts of an error message: `where: expected …, got …; do …`. */
export type GuardErrorParts = ErrorParts;

/** Why a guard cannot be made, opened, used or exported. */
export class GuardError extends OodError<GuardErrorCode> {
  override readonly name = 'GuardError';
}

/** True for a `GuardError`, also one of another copy of this package. */
export function isGuardError(error: unknown): error is GuardError {
  return isOodError(error, 'GuardError');
}
