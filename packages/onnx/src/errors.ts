import { type ErrorParts, isOodError, OodError } from './ood-error.ts';

/** What went wrong, for programs; the message says it for people. */
export type OnnxErrorCode =
  | 'FILE_NOT_FOUND'
  | 'READ_FAILED'
  | 'WRITE_FAILED'
  | 'DISK_FULL'
  | 'EMPTY_FILE'
  | 'CORRUPT_MODEL'
  | 'MODEL_TOO_LARGE'
  | 'UNSUPPORTED_MODEL'
  | 'UNSUPPORTED_TYPE'
  | 'EXTERNAL_DATA'
  | 'UNSAFE_PATH'
  | 'INVALID_GRAPH'
  | 'INVALID_ARGUMENT'
  | 'UNKNOWN_TENSOR'
  | 'INCOMPATIBLE_GRAPHS'
  | 'MISSING_PROVIDER'
  | 'SESSION_FAILED'
  | 'SESSION_CLOSED'
  | 'UNKNOWN_NAME'
  | 'MISSING_INPUT'
  | 'WRONG_TYPE'
  | 'WRONG_SHAPE'
  | 'RUN_FAILED';

/** The four parts of an error message: `where: expected …, got …; do …`. */
export type OnnxErrorParts = ErrorParts;

/** Every failure of `@ood/onnx`. */
export class OnnxError extends OodError<OnnxErrorCode> {
  override readonly name = 'OnnxError';
}

/** True for an `OnnxError`, also one of another copy of this package. */
export function isOnnxError(error: unknown): error is OnnxError {
  return isOodError(error, 'OnnxError');
}
