import { create } from '@bufbuild/protobuf';
import { bytesOf, elementCount } from '@ood/core';
import { OnnxError } from '../errors.ts';
import { type TensorProto, TensorProtoSchema } from '../schema/generated/onnx_pb.ts';
import type { Tensor } from '../session/session.ts';
import { dataTypeCode } from './data-types.ts';

/**
 * Returns a named `TensorProto` with the tensor's data as raw little-endian bytes (a view, not a copy).
 *
 * @throws OnnxError `INVALID_OPTION` when the data do not fit the shape
 */
export function writeTensor(name: string, tensor: Tensor): TensorProto {
  const { type, dims, data } = tensor;
  if (data.length !== elementCount(dims)) {
    throw new OnnxError('INVALID_OPTION', {
      where: `tensor ${JSON.stringify(name)}`,
      expected: `${elementCount(dims)} elements for shape [${dims.join(', ')}]`,
      got: `${data.length}`,
      details: { tensor: name, dims, elements: data.length },
    });
  }
  const proto = create(TensorProtoSchema, { name, dataType: dataTypeCode(type), dims: dims.map(BigInt) });
  if (type === 'string') {
    const encoder = new TextEncoder();
    proto.stringData = data.map(text => encoder.encode(text));
  } else {
    proto.rawData = bytesOf({ data }) as Uint8Array<ArrayBuffer>;
  }
  return proto;
}
