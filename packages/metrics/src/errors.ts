import { commonCodes, type ErrorKind, type ErrorParts, OodError } from '@ood/core';

const codes = {
  ...commonCodes,
  /** All samples are of one class, or all labels equal. */
  ONE_CLASS: 'input',
  /** All values are equal, where a spread is needed. */
  CONSTANT_INPUT: 'input',
} as const satisfies Readonly<Record<string, ErrorKind>>;

/** What went wrong, for programs: stable across versions. */
export type MetricsErrorCode = keyof typeof codes;

/** A failure of this package; checks of options and matrices throw `CoreError`. Both are recognised by `isOodError` of `@ood/core`. */
export class MetricsError extends OodError<MetricsErrorCode> {
  override readonly name = 'MetricsError';

  constructor(code: MetricsErrorCode, parts: ErrorParts) {
    super(code, codes, parts);
  }
}
