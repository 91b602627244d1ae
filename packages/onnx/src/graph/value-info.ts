import type { TypeProto, ValueInfoProto } from '../schema/generated/onnx_pb.ts';
import type { TensorInfo } from '../session/session.ts';
import { dataTypeName, elementTypeOf } from '../tensor/data-types.ts';

/** The plain form of a declaration; undefined for sequences, maps, and types without a JavaScript array. */
export function readValueInfo(proto: ValueInfoProto): TensorInfo | undefined {
  const tensor = proto.type?.value.case === 'tensorType' ? proto.type.value.value : undefined;
  const type = tensor === undefined ? undefined : elementTypeOf(tensor.elemType);
  if (tensor === undefined || type === undefined) return undefined;
  return { name: proto.name, type, dims: dimsOf(proto.type) ?? [] };
}

/** The declared dimensions of a tensor type; undefined where the rank is unknown. */
export function dimsOf(type: TypeProto | undefined): TensorInfo['dims'] | undefined {
  if (type?.value.case !== 'tensorType') return undefined;
  return type.value.value.shape?.dim.map(({ value }) => {
    if (value.case === 'dimValue') return value.value < 0n ? null : Number(value.value);
    return value.case === 'dimParam' && value.value !== '' ? value.value : null;
  });
}

/** A declared type as text: `float32`, `sequence(float32)`, `map(int64, float32)`. */
export function describeType(type: TypeProto | undefined): string {
  switch (type?.value.case) {
    case 'tensorType':
      return dataTypeName(type.value.value.elemType);
    case 'sparseTensorType':
      return `sparse ${dataTypeName(type.value.value.elemType)}`;
    case 'sequenceType':
      return `sequence(${describeType(type.value.value.elemType)})`;
    case 'optionalType':
      return `optional(${describeType(type.value.value.elemType)})`;
    case 'mapType':
      return `map(${dataTypeName(type.value.value.keyType)}, ${describeType(type.value.value.valueType)})`;
    case 'opaqueType':
      return `opaque(${type.value.value.domain}.${type.value.value.name})`;
    default:
      return 'unknown';
  }
}
