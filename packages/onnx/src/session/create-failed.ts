import { OnnxError, type OnnxErrorCode } from '../errors.ts';

/** What an engine's message at loading means, most specific first. */
const causes: readonly {
  readonly pattern: RegExp;
  readonly code: OnnxErrorCode;
  readonly expected: string;
  readonly advice?: string;
}[] = [
  {
    pattern: /AppendExecutionProvider|shared library|backend not found|no available backend/i,
    code: 'MISSING_PROVIDER',
    expected: 'the execution provider to be installed',
    advice:
      "use another provider, e.g. cpu, or install this one's libraries (onnxruntime-node's install script fetches those of cuda, if the package manager may run it)",
  },
  {
    pattern: /protobuf parsing failed/i,
    code: 'CORRUPT_FILE',
    expected: 'an ONNX model',
    advice: 'check that the file was copied or downloaded completely',
  },
  {
    pattern: /escapes|absolute path not allowed/i,
    code: 'UNSAFE_PATH',
    expected: "external data inside the model's folder, and not behind a symbolic link",
    advice:
      'load the model by its path, with its data files beside it; do not use one that reads files elsewhere',
  },
  {
    pattern: /external data|external initializer|model_path must not be empty|GetExtDataFromTensorProto/i,
    code: 'EXTERNAL_DATA',
    expected: "the model's external data beside it",
    advice: 'load the model by its path, with the data files in the same folder',
  },
  {
    pattern: /is under development|opset|not a registered function|NOT_IMPLEMENTED|unsupported model IR/i,
    code: 'UNSUPPORTED',
    expected: 'operators and an opset that this engine knows',
    advice: 'export the model with a lower opset, or update onnxruntime',
  },
];

/** Turns the engine's complaint about a model into a typed error that names the file. */
export function createFailed(source: string, providers: readonly string[], cause: unknown): OnnxError {
  const message = (cause instanceof Error ? cause.message : String(cause)).replaceAll('\n', ' ').trim();
  const known = causes.find(({ pattern }) => pattern.test(message));
  const where = known?.code === 'MISSING_PROVIDER' ? `execution provider ${providers.join(', ')}` : source;
  return new OnnxError(known?.code ?? 'SESSION_FAILED', {
    where,
    expected: known?.expected ?? 'a graph that the engine accepts',
    got: `an error of the engine (${message})`,
    ...(known?.advice !== undefined && { advice: known.advice }),
    details: { providers },
    cause,
  });
}
