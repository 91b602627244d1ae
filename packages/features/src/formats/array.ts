import type { ElementArrays } from '@ood/onnx';
import type { Matrix } from '../backbone/backbone.ts';
import { FeaturesError } from '../errors.ts';
import { float16ToFloat32 } from './float16.ts';

export type ArrayType = Exclude<keyof ElementArrays, 'string'>;

/** A dense row-major array of numbers, as `.npy` and `.safetensors` hold them. Half floats are bit patterns. */
export type NumericArray = {
  [T in ArrayType]: { readonly type: T; readonly dims: readonly number[]; readonly data: ElementArrays[T] };
}[ArrayType];

const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

export function bytesPerElement(type: ArrayType): number {
  return arrayTypes[type].BYTES_PER_ELEMENT;
}

/** The numbers in `bytes`: a view where the alignment allows it, else a copy. */
export function asArray(type: ArrayType, dims: readonly number[], bytes: Uint8Array): NumericArray {
  const Values = arrayTypes[type];
  const own = bytes.byteOffset % Values.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  const data = new Values(
    own.buffer as ArrayBuffer,
    own.byteOffset,
    own.byteLength / Values.BYTES_PER_ELEMENT,
  );
  return { type, dims, data } as NumericArray;
}

export function asBytes({ data }: NumericArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Number of elements of that shape. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((a, b) => a * b, 1);
}

/**
 * A float32 matrix `[rows, …]` with all further dimensions flattened; one dimension makes a column.
 *
 * @throws FeaturesError SAMPLE_INVALID for a scalar
 */
export function toMatrix(array: NumericArray, where: string): Matrix {
  const [rows, ...rest] = array.dims;
  if (rows === undefined)
    throw new FeaturesError(
      'SAMPLE_INVALID',
      `${where}: expected a matrix [rows, d], got a scalar; save it with two dimensions`,
      {
        dims: array.dims,
      },
    );
  return { rows, cols: elementCount(rest), data: toFloat32(array) };
}

/** The numbers as float32. */
function toFloat32({ type, data }: NumericArray): Float32Array {
  if (type === 'float32') return data;
  if (type === 'float16') return float16ToFloat32(data);
  return type === 'int64' || type === 'uint64' ? Float32Array.from(data, Number) : Float32Array.from(data);
}

/** Integers (or whole-valued floats) as int32 labels. @throws FeaturesError SAMPLE_INVALID for anything else */
export function toLabels(array: NumericArray, where: string): Int32Array {
  if (array.type === 'int32') return array.data;
  const values =
    array.type === 'int64' || array.type === 'uint64'
      ? Array.from(array.data, Number)
      : Array.from(toFloat32(array));
  const bad = values.find(value => !Number.isInteger(value) || Math.abs(value) > 2 ** 31 - 1);
  if (bad !== undefined)
    throw new FeaturesError(
      'SAMPLE_INVALID',
      `${where}: expected class indices, got ${bad}; save the labels as integers`,
      {
        value: bad,
      },
    );
  return Int32Array.from(values);
}
