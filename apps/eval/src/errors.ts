import { commonCodes, type ErrorKind, type ErrorParts, OodError } from '@ood/core';

const codes = {
  ...commonCodes,
  /** A folder or value that lacks what a comparison needs: ID rows, OOD sets, one file a set. */
  NOT_A_BENCHMARK: 'input',
  /** Two sets or two detectors of one name. */
  DUPLICATE_NAME: 'usage',
  NO_DETECTORS: 'usage',
  /** A detector gave something else than one finite number a row. */
  WRONG_SCORES: 'input',
  /** Some detectors have no result; those that have are kept. */
  DETECTORS_FAILED: 'input',
} as const satisfies Readonly<Record<string, ErrorKind>>;

/** What went wrong, for programs. */
export type BenchmarkErrorCode = keyof typeof codes;

/** Every failure of `@ood/eval` itself; the numbers and names of its message are in `details`, e.g. `set`, `count`, `firstRow`. */
export class BenchmarkError extends OodError<BenchmarkErrorCode> {
  override readonly name = 'BenchmarkError';

  constructor(code: BenchmarkErrorCode, parts: ErrorParts) {
    super(code, codes, parts);
  }
}
