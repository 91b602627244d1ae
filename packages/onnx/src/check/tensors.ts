import { elementCount, isOodError } from '@ood/core';
import { externalReference } from '../external-data/reference.ts';
import { tensorsOf } from '../graph/walk.ts';
import { type ModelProto, type TensorProto, TensorProto_DataType } from '../schema/generated/onnx_pb.ts';
import { byteLengthOf, dataTypeName, elementTypeOf } from '../tensor/data-types.ts';
import type { Problem } from './problem.ts';

/** Every tensor has a type and as many elements as its shape says; references to other files stay in the model's folder. */
export function checkTensors(model: ModelProto): Problem[] {
  return [...tensorsOf(model)].flatMap(checkTensor);
}

function checkTensor(tensor: TensorProto): Problem[] {
  const where = `tensor ${JSON.stringify(tensor.name)}`;
  const bad = (expected: string, got: string): Problem[] => [{ code: 'BAD_TENSOR', where, expected, got }];
  if (tensor.dataType === 0) return bad('an element type', 'none');
  if (tensor.dims.some(dim => dim < 0n)) return bad('sizes of at least 0', `[${tensor.dims.join(', ')}]`);
  const bytes = byteLengthOf(tensor);
  try {
    const reference = externalReference(tensor);
    if (reference !== undefined) {
      const { length } = reference;
      if (length === undefined || bytes === undefined || length === bytes) return [];
      return bad(`${bytes} bytes of external data`, `${length}`);
    }
  } catch (error) {
    if (isOodError(error)) return bad("external data in the model's folder", error.message);
    throw error;
  }
  if (tensor.rawData.length > 0) {
    if (tensor.dataType === TensorProto_DataType.STRING) return bad('strings in string_data', 'raw data');
    return bytes === undefined || tensor.rawData.length === bytes
      ? []
      : bad(
          `${bytes} bytes for ${dataTypeName(tensor.dataType)} [${tensor.dims.join(', ')}]`,
          `${tensor.rawData.length}`,
        );
  }
  // Types without a JavaScript array may pack several elements into one field.
  if (elementTypeOf(tensor.dataType) === undefined) return [];
  const fields = [
    tensor.floatData,
    tensor.int32Data,
    tensor.int64Data,
    tensor.doubleData,
    tensor.uint64Data,
    tensor.stringData,
  ];
  const elements = Math.max(...fields.map(field => field.length));
  const count = elementCount(tensor.dims.map(Number));
  return elements === count ? [] : bad(`${count} elements for [${tensor.dims.join(', ')}]`, `${elements}`);
}
