import { commonCodes, type ErrorKind, type ErrorParts, OodError } from '@ood/core';

const codes = {
  ...commonCodes,
  // Files
  EMPTY_FILE: 'input',
  /** Tensors in other files that are missing, too short, or more than the budget allows. */
  EXTERNAL_DATA: 'input',
  /** A reference that leads out of the model's folder. */
  UNSAFE_PATH: 'input',
  // Graphs
  INVALID_GRAPH: 'input',
  UNSUPPORTED_TYPE: 'input',
  UNKNOWN_TENSOR: 'usage',
  INCOMPATIBLE_GRAPHS: 'input',
  // Sessions
  MISSING_PROVIDER: 'environment',
  /** The engine's own library does not load on this machine. */
  ENGINE_FAILED: 'environment',
  SESSION_FAILED: 'input',
  UNKNOWN_NAME: 'usage',
  MISSING_INPUT: 'usage',
  WRONG_TYPE: 'usage',
  RUN_FAILED: 'input',
  /** A graph that did not end within its deadline, in a process of its own. */
  TIMED_OUT: 'input',
  // Recordings
  UNSUPPORTED_KERNEL: 'usage',
  UNSUPPORTED_ARGUMENT: 'usage',
  UNDECLARED_CONSTANT: 'usage',
  FOREIGN_TENSOR: 'usage',
  SYMBOLIC_READ: 'usage',
  BATCH_DEPENDENCE: 'usage',
  NAME_CLASH: 'usage',
  INVALID_SPECIFICATION: 'usage',
  INVALID_OUTPUT: 'usage',
  NESTED_RECORDING: 'usage',
} as const satisfies Readonly<Record<string, ErrorKind>>;

/** What went wrong, for programs; the message says it for people. */
export type OnnxErrorCode = keyof typeof codes;

/** Every failure of `@ood/onnx`, recordings included: those name the `kernel`, `shape` or `name` concerned in `details`. */
export class OnnxError extends OodError<OnnxErrorCode> {
  override readonly name = 'OnnxError';

  constructor(code: OnnxErrorCode, parts: ErrorParts) {
    super(code, codes, parts);
  }
}
