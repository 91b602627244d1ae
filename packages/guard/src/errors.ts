import { commonCodes, type ErrorKind, type ErrorParts, OodError } from '@ood/core';

const codes = {
  ...commonCodes,
  /** Written in a format that is no longer read. */
  OLDER_VERSION: 'input',
  /** The preprocessing is not the one that the guard was made with. */
  PREPROCESSING_CHANGED: 'input',
  /** The stored probe inputs no longer give the stored features, logits, scores or verdicts. */
  PROBE_MISMATCH: 'input',
  /** A guard of another digest than the one expected. */
  DIGEST_MISMATCH: 'input',
  /** No signature, or not one of the key expected. */
  BAD_SIGNATURE: 'input',
  /** Feature rows of another model, layer or preprocessing. */
  FOREIGN_ROWS: 'input',
  /** Calibration rows that the detector was fitted on. */
  SEEN_ROWS: 'input',
  /** The detector gives all calibration rows the same score: it decides nothing. */
  CONSTANT_SCORES: 'input',
  /** A threshold that no input reaches, however far from ID. */
  POWERLESS: 'input',
  /** A detector whose scoring is no graph. */
  NOT_EXPORTABLE: 'usage',
  /** An input that gives no score. */
  BAD_INPUT: 'input',
  /** More calls wait for an open guard than it was allowed. */
  QUEUE_FULL: 'environment',
} as const satisfies Readonly<Record<string, ErrorKind>>;

/** What went wrong, for programs; stable. */
export type GuardErrorCode = keyof typeof codes;

/** Why a guard cannot be made, opened, used or exported. Checks of options throw the CoreError of `@ood/core`. */
export class GuardError extends OodError<GuardErrorCode> {
  override readonly name = 'GuardError';

  constructor(code: GuardErrorCode, parts: ErrorParts) {
    super(code, codes, parts);
  }
}
