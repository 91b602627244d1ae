import { commonCodes, type ErrorKind, type ErrorParts, OodError } from '@ood/core';

const codes = {
  ...commonCodes,
  /** A data set that the catalog does not have. */
  UNKNOWN_DATASET: 'usage',
  /** A data set that nobody may download for others. */
  NOT_DOWNLOADABLE: 'usage',
} as const satisfies Readonly<Record<string, ErrorKind>>;

/** A command that cannot be carried out as it was given. */
export class CliError extends OodError<keyof typeof codes> {
  override readonly name = 'CliError';

  constructor(code: keyof typeof codes, parts: ErrorParts) {
    super(code, codes, parts);
  }
}
