import { commonCodes, type ErrorKind, type ErrorParts, OodError } from '@ood/core';

const codes = {
  ...commonCodes,
  /** Weights that a model cannot have: missing, of another shape, not finite. */
  BAD_WEIGHTS: 'input',
  /** A file that holds a part which this package does not know and was not handed. */
  UNKNOWN_KIND: 'usage',
  /** A flow whose density is no graph. */
  NOT_EXPORTABLE: 'usage',
  /** Labels for some rows only, or of another type. */
  BAD_LABELS: 'input',
  /** A stream that gives other rows when it is opened again. */
  UNSTABLE_SOURCE: 'input',
  /** Training that ran away. */
  NON_FINITE_LOSS: 'input',
  /** A checkpoint that is damaged or belongs to another run. */
  BAD_CHECKPOINT: 'input',
  /** An engine that this environment does not have. */
  ENGINE_UNAVAILABLE: 'environment',
} as const satisfies Readonly<Record<string, ErrorKind>>;

/** What went wrong, for programs; stable. */
export type FlowsErrorCode = keyof typeof codes;

/** A failure of `@ood/flows`: `where: expected …, got …; advice`. Checks of options and seeds throw the CoreError of `@ood/core`. */
export class FlowsError extends OodError<FlowsErrorCode> {
  override readonly name = 'FlowsError';

  constructor(code: FlowsErrorCode, parts: ErrorParts) {
    super(code, codes, parts);
  }
}
