/** What went wrong, for programs: stable across versions. */
export type MetricsErrorCode =
  | 'EMPTY_INPUT'
  | 'ONE_CLASS'
  | 'NON_FINITE'
  | 'LENGTH_MISMATCH'
  | 'SHAPE_MISMATCH'
  | 'INVALID_OPTION'
  | 'INVALID_VALUE'
  | 'TOO_FEW'
  | 'CONSTANT_INPUT'
  | 'NO_CONVERGENCE'
  | 'ABORTED';

/** The four parts of every message: where it failed, what was expected, what arrived, what to do. */
export interface MetricsErrorParts {
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly advice: string;
  /** The numbers of the message as fields, e.g. `count` and `firstIndex` of non-finite values. */
  readonly data?: Readonly<Record<string, unknown>>;
}

const marker: unique symbol = Symbol.for('ood.error');

/** The only error this package throws: `where: expected …, got …; do …`, with a `code` and its numbers in `data`. */
export class MetricsError extends Error {
  readonly [marker] = true;
  override readonly name = 'MetricsError';
  readonly code: MetricsErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: MetricsErrorCode, parts: MetricsErrorParts) {
    super(`${parts.where}: expected ${parts.expected}, got ${parts.got}; ${parts.advice}`);
    this.code = code;
    this.data = parts.data ?? {};
  }
}

/** Whether `error` is a `MetricsError`, also one thrown by a second installed copy of this package. */
export function isMetricsError(error: unknown): error is MetricsError {
  return error instanceof Error && marker in error && error.name === 'MetricsError';
}
