/** Recognises errors of all `@ood` packages, also when a package is installed twice. */
const marker: unique symbol = Symbol.for('ood.error') as never;

/**
 * Whose turn it is to act: `usage`, the caller gave an option or a path wrongly; `input`, the data are not what was expected;
 * `environment`, the machine refuses (disk, memory, permissions, network); `aborted`, the caller stopped it; `internal`, a defect.
 */
export type ErrorKind = 'usage' | 'input' | 'environment' | 'aborted' | 'internal';

/** The parts of an error: its message is `where: expected …, got …; advice`. */
export interface ErrorParts {
  /** Function, option, file, node or tensor at which it happened. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  /** What the reader can do about it. */
  readonly advice?: string | undefined;
  /** The numbers and names of the message as data. Plain JSON, so that it crosses threads. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** What every failure of an `@ood` package is: a code for programs, a message for people, and the facts as data. */
export abstract class OodError<Code extends string = string> extends Error {
  readonly [marker] = true;
  /** What went wrong, for programs; stable. Each package lists its codes. */
  readonly code: Code;
  /** Whose turn it is to act. */
  readonly kind: ErrorKind;
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly advice: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  protected constructor(code: Code, kinds: Readonly<Record<Code, ErrorKind>>, parts: ErrorParts) {
    const { where, expected, got, advice, details = {}, cause } = parts;
    super(
      `${where}: expected ${expected}, got ${got}${advice === undefined ? '' : `; ${advice}`}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.kind = kinds[code];
    this.where = where;
    this.expected = expected;
    this.got = got;
    this.advice = advice;
    this.details = details;
  }
}

/**
 * Whether this is an error of an `@ood` package, also one of another installed copy or from another thread.
 *
 * @param codes only errors with one of these codes. Default: any.
 */
export function isOodError(error: unknown, ...codes: readonly string[]): error is OodError {
  return (
    error instanceof Error &&
    marker in error &&
    (codes.length === 0 || codes.includes((error as OodError).code))
  );
}
