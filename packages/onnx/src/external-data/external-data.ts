import { create } from '@bufbuild/protobuf';
import { OnnxError } from '../errors.ts';
import { mapTensors } from '../graph/map-tensors.ts';
import { tensorsOf } from '../graph/walk.ts';
import {
  type ModelProto,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '../schema/generated/onnx_pb.ts';
import { byteLengthOf } from '../tensor/data-types.ts';
import { externalReference } from './reference.ts';

/** Returns bytes `offset … offset + length` of a file beside the model. */
export type ReadExternal = (location: string, offset: number, length: number) => Promise<Uint8Array>;

/** Locations of all files besides its own that a model refers to. @throws OnnxError `UNSAFE_PATH` */
export function externalLocations(model: ModelProto): string[] {
  const locations = new Set<string>();
  for (const tensor of tensorsOf(model)) {
    const reference = externalReference(tensor);
    if (reference) locations.add(reference.location);
  }
  return [...locations];
}

/**
 * Returns the model with the data of all external tensors inside it. Each range of bytes is read once; tensors that refer to the
 * same one share it.
 *
 * @throws OnnxError `EXTERNAL_DATA`, `UNSAFE_PATH`
 */
export async function loadExternalData(model: ModelProto, read: ReadExternal): Promise<ModelProto> {
  const loaded = new Map<TensorProto, TensorProto>();
  const ranges = new Map<string, Uint8Array>();
  for (const tensor of tensorsOf(model)) {
    const reference = externalReference(tensor);
    if (reference === undefined) continue;
    const expected = byteLengthOf(tensor);
    const length = reference.length ?? expected;
    if (length === undefined || (expected !== undefined && length !== expected)) {
      throw new OnnxError('EXTERNAL_DATA', {
        where: `tensor ${JSON.stringify(tensor.name)} in ${JSON.stringify(reference.location)}`,
        expected: `${expected ?? 'a known number of'} bytes for its type and shape`,
        got: `${length ?? 'no length'}`,
        details: { tensor: tensor.name, location: reference.location, length, expected },
      });
    }
    const range = `${reference.offset} ${length} ${reference.location}`;
    let rawData = ranges.get(range);
    if (rawData === undefined) {
      rawData = await read(reference.location, reference.offset, length);
      ranges.set(range, rawData);
    }
    const dataLocation = TensorProto_DataLocation.DEFAULT;
    loaded.set(tensor, { ...tensor, rawData, externalData: [], dataLocation });
  }
  return loaded.size === 0 ? model : mapTensors(model, tensor => loaded.get(tensor) ?? tensor);
}

export interface MoveOptions {
  /** File name that the model will refer to, relative to its folder. */
  readonly location: string;
  /** Tensors of fewer bytes stay in the model. Default: 16,384. */
  readonly minBytes?: number;
}

/** A model whose large tensors are elsewhere, and the bytes of the file that holds them, in order. */
export interface MovedModel {
  readonly model: ModelProto;
  /** To be written one after the other. */
  readonly chunks: readonly Uint8Array[];
}

/** Offsets are multiples of this, so that readers can map the file into memory. */
const ALIGNMENT = 4096;

/** Runtimes refuse sizes, axes and the like in other files. */
function mayBeShape({ dataType, rawData }: TensorProto): boolean {
  const { INT32, INT64 } = TensorProto_DataType;
  return (dataType === INT32 || dataType === INT64) && rawData.length <= 1024;
}

/** Returns the model with its large initializers moved to a file of their own: the way beyond 2 GiB. */
export function moveToExternalData(model: ModelProto, options: MoveOptions): MovedModel {
  const { location, minBytes = 16_384 } = options;
  const chunks: Uint8Array[] = [];
  let end = 0;
  /** Where bytes are that several tensors share. */
  const offsets = new Map<Uint8Array, number>();
  const place = (bytes: Uint8Array): number => {
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    if (offset > end) chunks.push(new Uint8Array(offset - end));
    chunks.push(bytes);
    end = offset + bytes.length;
    offsets.set(bytes, offset);
    return offset;
  };
  const moved = mapTensors(model, tensor => {
    if (tensor.rawData.length < minBytes || mayBeShape(tensor)) return tensor;
    const offset = offsets.get(tensor.rawData) ?? place(tensor.rawData);
    const entries = { location, offset: `${offset}`, length: `${tensor.rawData.length}` };
    return {
      ...tensor,
      rawData: new Uint8Array(0),
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: Object.entries(entries).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      ),
    };
  });
  return { model: moved, chunks };
}
