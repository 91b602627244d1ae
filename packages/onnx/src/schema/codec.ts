import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { OnnxError } from '../errors.ts';
import { tensorsOf } from '../graph/walk.ts';
import { foreignFormat, LOOKED_AT } from './foreign-formats.ts';
import { type ModelProto, ModelProtoSchema } from './generated/onnx_pb.ts';

/** Protocol Buffers limit one message, and so one `.onnx` file without external data, to 2 GiB. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1;

export interface DecodeOptions {
  /** Name of the file or origin, for error messages. Default: `'model'`. */
  readonly source?: string;
}

/**
 * Returns the model held by the bytes of an `.onnx` file. Fields that this version of the schema does not know are kept
 * and written back by `encodeModel`. Raw tensor data are views of `bytes`, not copies.
 *
 * @throws OnnxError `EMPTY_FILE`, `CORRUPT_FILE`; `UNSUPPORTED` for a model of another format, with the command that converts it
 */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): ModelProto {
  const where = options.source ?? 'model';
  if (bytes.length === 0)
    throw new OnnxError('EMPTY_FILE', { where, expected: 'an ONNX model', got: '0 bytes' });
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw corrupt(where, bytes, cause);
  }
  if (model.graph === undefined || model.irVersion <= 0n) throw corrupt(where, bytes);
  return model;
}

/**
 * Returns the bytes of an `.onnx` file.
 *
 * @throws OnnxError `TOO_LARGE` above 2 GiB; `INVALID_GRAPH` for a field that the format cannot hold
 */
export function encodeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  let data = 0;
  for (const tensor of tensorsOf(model)) data += tensor.rawData.length;
  if (data > MAX_MODEL_BYTES) throw tooLarge(model, data);
  const bytes = serialize(model);
  if (bytes.length > MAX_MODEL_BYTES) throw tooLarge(model, bytes.length);
  return bytes;
}

function serialize(model: ModelProto): Uint8Array<ArrayBuffer> {
  try {
    return toBinary(ModelProtoSchema, model);
  } catch (cause) {
    throw new OnnxError('INVALID_GRAPH', {
      where: `model ${JSON.stringify(model.graph?.name ?? '')}`,
      expected: 'fields that the format can hold',
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

function tooLarge(model: ModelProto, bytes: number): OnnxError {
  return new OnnxError('TOO_LARGE', {
    where: `model ${JSON.stringify(model.graph?.name ?? '')}`,
    expected: `at most ${MAX_MODEL_BYTES} bytes in one file (a limit of Protocol Buffers)`,
    got: `${bytes}`,
    advice: 'keep large tensors as external data (writeModel, moveToExternalData)',
    details: { bytes },
  });
}

function corrupt(where: string, bytes: Uint8Array, cause?: unknown): OnnxError {
  const foreign = foreignFormat(where, bytes.subarray(0, LOOKED_AT), bytes.subarray(-LOOKED_AT));
  if (foreign) return foreign;
  const start = Array.from(bytes.subarray(0, 8), byte => byte.toString(16).padStart(2, '0')).join(' ');
  return new OnnxError('CORRUPT_FILE', {
    where,
    expected: 'an ONNX model (Protocol Buffers, with a graph)',
    got: `${bytes.length} bytes starting with ${start} that do not decode as one`,
    advice: 'check that the file was copied or downloaded completely',
    details: { bytes: bytes.length },
    cause,
  });
}
