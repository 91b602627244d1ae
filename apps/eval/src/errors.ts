/** What went wrong, for programs. */
export type BenchmarkErrorCode = 'NOT_A_BENCHMARK' | 'WRONG_SHAPE';

const marker: unique symbol = Symbol.for('ood.error') as never;

/** Every failure of `@ood/eval` itself; the message says where, what was expected, what came and what to do. */
export class BenchmarkError extends Error {
  override readonly name = 'BenchmarkError';
  readonly [marker] = true;
  readonly code: BenchmarkErrorCode;

  constructor(code: BenchmarkErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
