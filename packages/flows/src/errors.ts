/** What went wrong, as data. `code` is stable; the message is for people. */
export type FlowsErrorCode =
  | 'BAD_OPTION'
  | 'BAD_SHAPE'
  | 'BAD_WEIGHTS'
  | 'EMPTY_INPUT'
  | 'NON_FINITE_INPUT'
  | 'UNKNOWN_KIND'
  | 'CORRUPT_FILE'
  | 'FOREIGN_FILE'
  | 'NEWER_FORMAT'
  | 'NOT_EXPORTABLE'
  | 'BAD_LABELS'
  | 'UNSTABLE_SOURCE'
  | 'SINGULAR_COVARIANCE'
  | 'NON_FINITE_LOSS'
  | 'BAD_CHECKPOINT'
  | 'DISK_FULL'
  | 'WRITE_FAILED'
  | 'ENGINE_UNAVAILABLE'
  | 'CLOSED';

export interface FlowsErrorFields {
  readonly code: FlowsErrorCode;
  /** The function or file that refused. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  /** What to do about it. */
  readonly advice: string;
  readonly cause?: unknown;
}

const MARKER = Symbol.for('ood.error');

/** An error of this package: `where: expected …, got …; advice`. */
export class FlowsError extends Error {
  readonly [MARKER] = true;
  override readonly name = 'FlowsError';
  readonly code: FlowsErrorCode;
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly advice: string;

  constructor({ code, where, expected, got, advice, cause }: FlowsErrorFields) {
    super(`${where}: expected ${expected}, got ${got}; ${advice}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.where = where;
    this.expected = expected;
    this.got = got;
    this.advice = advice;
  }
}

/** Whether `error` is a {@link FlowsError}, also one of another installed copy of this package. */
export function isFlowsError(error: unknown): error is FlowsError {
  return error instanceof Error && error.name === 'FlowsError' && Reflect.get(error, MARKER) === true;
}
