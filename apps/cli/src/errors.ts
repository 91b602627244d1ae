import { commonCodes, type ErrorKind, type ErrorParts, OodError } from '@ood/core';

/** What the process returns: see the table in the README. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  gateMissed: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const codes = {
  ...commonCodes,
  /** A data set that the catalog does not have. */
  UNKNOWN_DATASET: 'usage',
  /** A data set that nobody may download for others. */
  NOT_DOWNLOADABLE: 'usage',
} as const satisfies Readonly<Record<string, ErrorKind>>;

/** A command that cannot be carried out as it was given, or a machine that refuses. */
export class CliError extends OodError<keyof typeof codes> {
  override readonly name = 'CliError';

  constructor(code: keyof typeof codes, parts: ErrorParts) {
    super(code, codes, parts);
  }
}

/** A check that the caller asked for did not hold (e.g. `--fail-on-ood`): a verdict, no failure of anything. */
export class GateMissedError extends Error {
  override readonly name = 'GateMissedError';
}

/** The exit code of each kind of error. */
export const EXIT_OF_KIND: Readonly<Record<ErrorKind, ExitCode>> = {
  usage: EXIT.usage,
  input: EXIT.failed,
  environment: EXIT.failed,
  aborted: EXIT.interrupted,
  internal: EXIT.failed,
};
