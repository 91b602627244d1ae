import { type ErrorParts, isOodError, OodError } from '@ood/onnx';

/** What went wrong, for programs; the message says it for people. */
export type DetectorsErrorCode =
  | 'EMPTY_INPUT'
  | 'NON_FINITE'
  | 'MISSING_INPUT'
  | 'WRONG_SHAPE'
  | 'INVALID_OPTION'
  | 'SINGULAR_COVARIANCE'
  | 'UNKNOWN_DETECTOR'
  | 'NOT_EXPORTABLE'
  | 'TOO_LARGE'
  | 'CORRUPT_FILE'
  | 'FOREIGN_FILE'
  | 'NEWER_FILE'
  | 'CLOSED';

/** The four parts of an error message: `where: expected …, got …; do …`. */
export type DetectorsErrorParts = ErrorParts;

/** Every failure of `@ood/detectors`. */
export class DetectorsError extends OodError<DetectorsErrorCode> {
  override readonly name = 'DetectorsError';
}

/** True for a `DetectorsError`, also one of another copy of this package. */
export function isDetectorsError(error: unknown): error is DetectorsError {
  return isOodError(error, 'DetectorsError');
}
