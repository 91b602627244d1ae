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

/** Recognises errors of all `@ood` packages, also when a package is installed twice. */
const marker: unique symbol = Symbol.for('ood.error') as never;

/** The four parts of an error message: `where: expected …, got …; do …`. */
export interface OnnxErrorParts {
  /** File, graph, node or tensor at which it happened. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  /** What the caller can do. */
  readonly advice?: string;
  /** The same as data: file, node, tensor, expected and actual values. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Every failure of `@ood/onnx`. */
export class OnnxError extends Error {
  readonly code: OnnxErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly [marker] = true;

  constructor(code: OnnxErrorCode, parts: OnnxErrorParts) {
    const advice = parts.advice === undefined ? '' : `; ${parts.advice}`;
    super(`${parts.where}: expected ${parts.expected}, got ${parts.got}${advice}`, { cause: parts.cause });
    this.name = 'OnnxError';
    this.code = code;
    this.details = { where: parts.where, ...parts.details };
  }
}

/** True for an `OnnxError`, also one of another copy of this package. */
export function isOnnxError(error: unknown): error is OnnxError {
  return error instanceof Error && error.name === 'OnnxError' && marker in error;
}
