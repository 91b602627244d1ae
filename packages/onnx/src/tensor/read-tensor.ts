import { arrayFromBytes, elementCount } from '@ood/core';
import { OnnxError } from '../errors.ts';
import { type TensorProto, TensorProto_DataLocation } from '../schema/generated/onnx_pb.ts';
import { elementArrays } from '../session/element-types.ts';
import type { ElementType, Tensor } from '../session/session.ts';
import { requireElementType } from './data-types.ts';

type NumericType = Exclude<ElementType, 'string'>;
type NumericArray = Exclude<Tensor['data'], string[]>;

/**
 * Returns the plain tensor that a `TensorProto` holds, in whichever of its fields the data are. Where alignment allows,
 * `data` is a view of the model's bytes: do not write to it.
 *
 * @throws OnnxError `UNSUPPORTED_TYPE`; `EXTERNAL_DATA` when the data are in another file (see `loadExternalData`);
 *   `INVALID_GRAPH` when their amount does not fit the shape
 */
export function readTensor(proto: TensorProto): Tensor {
  const where = `tensor ${JSON.stringify(proto.name)}`;
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    throw new OnnxError('EXTERNAL_DATA', {
      where,
      expected: 'data inside the model',
      got: 'a reference to another file',
      advice: 'read the model with readModel(path), or call loadExternalData first',
      details: { tensor: proto.name },
    });
  }
  const type = requireElementType(proto.dataType, where);
  const dims = proto.dims.map(Number);
  const count = elementCount(dims);
  const data = type === 'string' ? readStrings(proto) : readNumbers(proto, type, where);
  if (data.length !== count) {
    throw new OnnxError('INVALID_GRAPH', {
      where,
      expected: `${count} elements for shape [${dims.join(', ')}]`,
      got: `${data.length}`,
      details: { tensor: proto.name, dims, elements: data.length },
    });
  }
  return { type, dims, data } as Tensor;
}

function readStrings(proto: TensorProto): string[] {
  const decoder = new TextDecoder();
  return proto.stringData.map(bytes => decoder.decode(bytes));
}

function readNumbers(proto: TensorProto, type: NumericType, where: string): NumericArray {
  if (proto.rawData.length > 0) return viewRaw(proto.rawData, type, where);
  switch (type) {
    case 'float32':
      return Float32Array.from(proto.floatData);
    case 'float64':
      return Float64Array.from(proto.doubleData);
    case 'int64':
      return BigInt64Array.from(proto.int64Data);
    case 'uint64':
      return BigUint64Array.from(proto.uint64Data);
    case 'uint32':
      return Uint32Array.from(proto.uint64Data, Number);
    default:
      return elementArrays[type].from(proto.int32Data);
  }
}

function viewRaw(raw: Uint8Array, type: NumericType, where: string): NumericArray {
  const size = elementArrays[type].BYTES_PER_ELEMENT;
  if (raw.length % size !== 0) {
    throw new OnnxError('INVALID_GRAPH', {
      where,
      expected: `a multiple of ${size} bytes for ${type}`,
      got: `${raw.length} bytes`,
      details: { bytes: raw.length, type },
    });
  }
  return arrayFromBytes(type, [raw.length / size], raw).data as NumericArray;
}
