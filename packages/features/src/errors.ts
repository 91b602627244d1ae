import { commonCodes, type ErrorKind, type ErrorParts, OodError } from '@ood/core';

const codes = {
  ...commonCodes,
  AMBIGUOUS_HEAD: 'input',
  AMBIGUOUS_OUTPUT: 'input',
  AUDIO_CORRUPT: 'input',
  AUDIO_EMPTY: 'input',
  AUDIO_TOO_LARGE: 'input',
  AUDIO_UNSUPPORTED: 'input',
  BATCH_DEPENDENT: 'input',
  /** No box: not finite, corners in the wrong order, no pixel. */
  BOX_INVALID: 'input',
  /** A box that has no part in its image. */
  BOX_OUTSIDE: 'input',
  HEAD_NOT_PROVED: 'input',
  IMAGE_ANIMATED: 'input',
  IMAGE_CORRUPT: 'input',
  IMAGE_EMPTY: 'input',
  IMAGE_TOO_LARGE: 'input',
  IMAGE_UNSUPPORTED: 'input',
  MODEL_INPUT_MISMATCH: 'input',
  MODEL_OUTPUT_INVALID: 'input',
  NO_HEAD: 'input',
  NO_STAGES: 'input',
  OVERLOADED: 'environment',
  PROBE_FAILED: 'input',
  SAMPLE_INVALID: 'input',
  STORE_INCOMPLETE: 'input',
  STORE_MISMATCH: 'usage',
  UNKNOWN_LAYER: 'usage',
  UNKNOWN_SHAPE: 'input',
  UNSUPPORTED_INPUT: 'input',
  UNSUPPORTED_LAYER: 'input',
  WRONG_INPUT: 'input',
} as const satisfies Record<string, ErrorKind>;

export type FeaturesErrorCode = keyof typeof codes;

/** Any error of this package. */
export class FeaturesError extends OodError<FeaturesErrorCode> {
  override readonly name = 'FeaturesError';

  constructor(code: FeaturesErrorCode, parts: ErrorParts) {
    super(code, codes, parts);
  }
}
