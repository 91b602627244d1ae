import { commonCodes, type ErrorKind, type ErrorParts, OodError } from '@ood/core';

const codes = {
  ...commonCodes,
  /** Features, logits, labels or a head that a method needs and was not given. */
  MISSING_INPUT: 'usage',
  /** A name that no method has. */
  UNKNOWN_DETECTOR: 'usage',
  /** Labels that are no classes of the logits beside them. */
  LABELS_MISMATCH: 'input',
  /** A package or engine that is not installed here. */
  ENGINE_UNAVAILABLE: 'environment',
  /** A score that is no graph, or one too large for it. */
  NOT_EXPORTABLE: 'usage',
} as const satisfies Readonly<Record<string, ErrorKind>>;

/** What went wrong, for programs; stable. */
export type DetectorsErrorCode = keyof typeof codes;

/** A failure of `@ood/detectors`. Checks of options and seeds throw the CoreError of `@ood/core`. */
export class DetectorsError extends OodError<DetectorsErrorCode> {
  override readonly name = 'DetectorsError';

  constructor(code: DetectorsErrorCode, parts: ErrorParts) {
    super(code, codes, parts);
  }
}
