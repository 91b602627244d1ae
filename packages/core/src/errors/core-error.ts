import { type CommonCode, commonCodes } from './codes.ts';
import { type ErrorParts, OodError } from './ood-error.ts';

/** A failure of `@ood/core`, e.g. of a check that other packages make with it. */
export class CoreError extends OodError<CommonCode> {
  override readonly name = 'CoreError';

  constructor(code: CommonCode, parts: ErrorParts) {
    super(code, commonCodes, parts);
  }
}
