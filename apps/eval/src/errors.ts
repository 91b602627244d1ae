/** What went wrong, for programs. */
export type BenchmarkErrorCode =
  | 'NOT_A_BENCHMARK'
  | 'WRONG_SHAPE'
  | 'NON_FINITE'
  | 'DUPLICATE_NAME'
  | 'NO_DETECTORS'
  | 'WRONG_SCORES'
  | 'DETECTORS_FAILED';

const marker: unique symbol = Symbol.for('ood.error') as never;

/** Every failure of `@ood/eval` itself; the message says where, what was expected, what came and what to do. */
export class BenchmarkError extends Error {
  override readonly name = 'BenchmarkError';
  readonly [marker] = true;
  readonly code: BenchmarkErrorCode;
  /** The numbers and names of the message as fields, e.g. `set`, `count` and `firstRow`. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: BenchmarkErrorCode, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
