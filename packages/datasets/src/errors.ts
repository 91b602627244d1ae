const marker: unique symbol = Symbol.for('ood.error') as never;

/** What went wrong, in the four parts of every message: where, expected, received, and what to do. */
export interface ErrorParts {
  /** The function, file or archive entry concerned. */
  readonly where: string;
  readonly expected: string;
  readonly received: string;
  /** What the reader of the message can do about it. */
  readonly advice: string;
  readonly cause?: unknown;
}

/**
 * The error of this package. `code` names the case (e.g. `'TRUNCATED'`); the parts of the message are fields, and
 * subclasses add the data of their case (file and offset, archive entry, address).
 */
export class DatasetError extends Error {
  override readonly name: string = 'DatasetError';
  readonly code: string;
  readonly where: string;
  readonly expected: string;
  readonly received: string;
  readonly advice: string;
  readonly [marker] = true;

  constructor(code: string, parts: ErrorParts) {
    super(
      `${parts.where}: expected ${parts.expected}, got ${parts.received}; ${parts.advice}.`,
      parts.cause === undefined ? undefined : { cause: parts.cause },
    );
    this.code = code;
    this.where = parts.where;
    this.expected = parts.expected;
    this.received = parts.received;
    this.advice = parts.advice;
  }
}

/** Codes of {@link FormatError}. */
export type FormatErrorCode = 'NOT_THIS_FORMAT' | 'TRUNCATED' | 'CORRUPT' | 'UNSUPPORTED' | 'LIMIT_EXCEEDED';

/** A file that is not what its reader expects: wrong magic number, cut short, inconsistent, or beyond a limit. */
export class FormatError extends DatasetError {
  override readonly name = 'FormatError';
  readonly file: string;
  /** Byte offset at which it was noticed, where there is one. */
  readonly offset: number | undefined;

  constructor(code: FormatErrorCode, parts: Omit<ErrorParts, 'where'> & { file: string; offset?: number }) {
    const at = parts.offset === undefined ? '' : ` at byte ${parts.offset}`;
    super(code, { ...parts, where: `${parts.file}${at}` });
    this.file = parts.file;
    this.offset = parts.offset;
  }
}

/** Whether `error` is a {@link DatasetError}, also one from another installed copy of this package. */
export function isDatasetError(error: unknown): error is DatasetError {
  return (
    error instanceof DatasetError ||
    (error instanceof Error &&
      (error as { [marker]?: unknown })[marker] === true &&
      typeof (error as { code?: unknown }).code === 'string' &&
      typeof (error as { advice?: unknown }).advice === 'string')
  );
}
