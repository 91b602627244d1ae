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

/** Recognises errors of all `@ood` packages, also when a package is installed twice. */
const marker: unique symbol = Symbol.for('ood.error') as never;

/** The four parts of an error message: `where: expected …, got …; do …`. */
export interface DetectorsErrorParts {
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly advice?: string;
  /** The same as data. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Every failure of `@ood/detectors`. */
export class DetectorsError extends Error {
  readonly code: DetectorsErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly [marker] = true;

  constructor(code: DetectorsErrorCode, parts: DetectorsErrorParts) {
    const advice = parts.advice === undefined ? '' : `; ${parts.advice}`;
    super(`${parts.where}: expected ${parts.expected}, got ${parts.got}${advice}`, { cause: parts.cause });
    this.name = 'DetectorsError';
    this.code = code;
    this.details = { where: parts.where, ...parts.details };
  }
}

/** True for a `DetectorsError`, also one of another copy of this package. */
export function isDetectorsError(error: unknown): error is DetectorsError {
  return error instanceof Error && error.name === 'DetectorsError' && marker in error;
}
