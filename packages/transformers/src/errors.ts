import { commonCodes, type ErrorKind, type ErrorParts, OodError } from '@ood/core';

const codes = {
  ...commonCodes,
  /** A task whose results are not one per input, or that makes no features of one. */
  UNSUPPORTED_PIPELINE: 'usage',
  /** The pipeline runs another model, or prepares its inputs in another way, than the guard was made with. */
  FOREIGN_MODEL: 'input',
  /** A guard that was not made with a pipeline. */
  FOREIGN_GUARD: 'input',
  /** An input that gives no score. */
  BAD_INPUT: 'input',
} as const satisfies Readonly<Record<string, ErrorKind>>;

/** What went wrong, for programs; stable. */
export type TransformersErrorCode = keyof typeof codes;

/** Why a pipeline cannot be guarded. */
export class TransformersError extends OodError<TransformersErrorCode> {
  override readonly name = 'TransformersError';

  constructor(code: TransformersErrorCode, parts: ErrorParts) {
    super(code, codes, parts);
  }
}
