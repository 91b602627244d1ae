import { moveToExternalData } from '../external-data/external-data.ts';
import { tensorsOf } from '../graph/walk.ts';
import { encodeModel } from '../schema/codec.ts';
import type { ModelProto } from '../schema/generated/onnx_pb.ts';
import type { Runtime, Session, SessionOptions } from './session.ts';

export interface OpenModelOptions extends SessionOptions {
  /**
   * Beyond this many bytes of tensors, large ones are handed to the runtime apart from the model, which is limited to
   * 2 GiB. Default: 2³⁰.
   */
  readonly maxInlineBytes?: number;
}

const LOCATION = 'weights';

/** Loads a model that exists as data rather than as a file, whatever its size. */
export function openModel(
  runtime: Runtime,
  model: ModelProto,
  { maxInlineBytes = 2 ** 30, ...options }: OpenModelOptions = {},
): Promise<Session> {
  let bytes = 0;
  for (const tensor of tensorsOf(model)) bytes += tensor.rawData.length;
  if (bytes <= maxInlineBytes) return runtime.createSession(encodeModel(model), options);
  const moved = moveToExternalData(model, { location: LOCATION });
  const weights = concatenate(moved.chunks);
  return runtime.createSession(encodeModel(moved.model), {
    ...options,
    externalData: { [LOCATION]: weights },
  });
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
