/** Recognises errors of all `@ood` packages, also when a package is installed twice. */
const marker: unique symbol = Symbol.for('ood.error') as never;

/** The four parts of an error message: `where: expected …, got …; do …`. */
export interface ErrorParts {
  /** Function, option, file, node or tensor at which it happened. */
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  /** What the caller can do. */
  readonly advice?: string | undefined;
  /** The same as data. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** What errors of `@ood` packages are made of; each package names its own and lists its codes. */
export abstract class OodError<Code extends string> extends Error {
  /** What went wrong, for programs; the message says it for people. */
  readonly code: Code;
  /** The parts of the message as data, `where` among them. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly [marker] = true;

  constructor(code: Code, { where, expected, got, advice, details, cause }: ErrorParts) {
    super(`${where}: expected ${expected}, got ${got}${advice === undefined ? '' : `; ${advice}`}`, {
      cause,
    });
    this.code = code;
    this.details = { where, ...details };
  }
}

/** Whether this is an `@ood` error of that name, also one of another installed copy of its package. */
export function isOodError(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name && marker in error;
}
