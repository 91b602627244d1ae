/** Why a recording was refused. */
export type RecordErrorCode =
  | 'UNSUPPORTED_KERNEL'
  | 'UNSUPPORTED_ARGUMENT'
  | 'UNDECLARED_CONSTANT'
  | 'FOREIGN_TENSOR'
  | 'SYMBOLIC_READ'
  | 'BATCH_DEPENDENCE'
  | 'NAME_CLASH'
  | 'INVALID_SPECIFICATION'
  | 'INVALID_OUTPUT'
  | 'NESTED_RECORDING';

export interface RecordErrorFields {
  /** The tfjs kernel concerned. */
  readonly kernel?: string;
  /** The shape concerned. */
  readonly shape?: readonly number[];
  /** The input, output or constant concerned. */
  readonly name?: string;
}

/** Recognises errors of all `@ood` packages, also when a package is installed twice. */
const marker: unique symbol = Symbol.for('ood.error') as never;

/** A function could not be turned into a graph. The message says where, what was expected, what came, and what to do. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly [marker] = true;
  readonly code: RecordErrorCode;
  readonly fields: RecordErrorFields;

  constructor(code: RecordErrorCode, message: string, fields: RecordErrorFields = {}) {
    super(message);
    this.code = code;
    this.fields = fields;
  }
}

/** Whether `error` is a `RecordError`, also of another copy of this package. */
export function isRecordError(error: unknown): error is RecordError {
  return error instanceof Error && error.name === 'RecordError' && marker in error;
}
