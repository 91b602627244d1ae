import { OnnxError } from '../errors.ts';
import { TensorProto_DataType } from '../schema/generated/onnx_pb.ts';
import type { ElementType } from '../session/session.ts';

const codes: Readonly<Record<ElementType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  float16: TensorProto_DataType.FLOAT16,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  int16: TensorProto_DataType.INT16,
  uint16: TensorProto_DataType.UINT16,
  int32: TensorProto_DataType.INT32,
  uint32: TensorProto_DataType.UINT32,
  int64: TensorProto_DataType.INT64,
  uint64: TensorProto_DataType.UINT64,
  bool: TensorProto_DataType.BOOL,
  string: TensorProto_DataType.STRING,
};

const types = new Map<number, ElementType>(
  Object.entries(codes).map(([type, code]) => [code as number, type as ElementType]),
);

const names = new Map<number, string>(
  Object.entries(TensorProto_DataType).map(([name, code]) => [code as number, name.toLowerCase()]),
);

/** The number by which ONNX files denote an element type. */
export function dataTypeCode(type: ElementType): TensorProto_DataType {
  return codes[type];
}

/** The element type of an ONNX data type number, or undefined for one that has no JavaScript array (e.g. bfloat16). */
export function elementTypeOf(code: number): ElementType | undefined {
  return types.get(code);
}

/** The same, for places that cannot go on without it. @throws OnnxError `UNSUPPORTED_TYPE` */
export function requireElementType(code: number, where: string): ElementType {
  const type = elementTypeOf(code);
  if (type !== undefined) return type;
  throw new OnnxError('UNSUPPORTED_TYPE', {
    where,
    expected: `one of ${[...types.values()].join(', ')}`,
    got: dataTypeName(code),
    details: { dataType: code },
  });
}

/** Human name of any ONNX data type number, also of those without an element type. */
export function dataTypeName(code: number): string {
  return elementTypeOf(code) ?? names.get(code) ?? `data type ${code}`;
}
