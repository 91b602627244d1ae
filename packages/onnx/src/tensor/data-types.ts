import { OnnxError } from '../errors.ts';
import { type TensorProto, TensorProto_DataType } from '../schema/generated/onnx_pb.ts';
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

const bits = new Map<number, number>([
  ...[TensorProto_DataType.FLOAT, TensorProto_DataType.INT32, TensorProto_DataType.UINT32].map(
    t => [t, 32] as const,
  ),
  ...[TensorProto_DataType.DOUBLE, TensorProto_DataType.INT64, TensorProto_DataType.UINT64].map(
    t => [t, 64] as const,
  ),
  ...[TensorProto_DataType.FLOAT16, TensorProto_DataType.BFLOAT16].map(t => [t, 16] as const),
  ...[TensorProto_DataType.INT16, TensorProto_DataType.UINT16].map(t => [t, 16] as const),
  ...[TensorProto_DataType.INT8, TensorProto_DataType.UINT8, TensorProto_DataType.BOOL].map(
    t => [t, 8] as const,
  ),
  ...[TensorProto_DataType.FLOAT8E4M3FN, TensorProto_DataType.FLOAT8E4M3FNUZ].map(t => [t, 8] as const),
  ...[TensorProto_DataType.FLOAT8E5M2, TensorProto_DataType.FLOAT8E5M2FNUZ].map(t => [t, 8] as const),
  ...[TensorProto_DataType.INT4, TensorProto_DataType.UINT4, TensorProto_DataType.FLOAT4E2M1].map(
    t => [t, 4] as const,
  ),
  [TensorProto_DataType.COMPLEX64, 64],
  [TensorProto_DataType.COMPLEX128, 128],
]);

/** Bits of one element; undefined for strings and types unknown here. */
export function bitsOf(code: number): number | undefined {
  return bits.get(code);
}

/** Bytes of a tensor's raw data by its type and shape; undefined for strings and types unknown here. */
export function byteLengthOf(tensor: TensorProto): number | undefined {
  const size = bits.get(tensor.dataType);
  if (size === undefined) return undefined;
  return Math.ceil((tensor.dims.reduce((count, dim) => count * Number(dim), 1) * size) / 8);
}
