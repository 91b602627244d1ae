import { CoreError } from '../errors/core-error.ts';

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Element types of arrays in files, as ONNX and NumPy name them. */
export type ElementType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool';

/** A dense row-major array of any rank: `data.length` is the product of `shape`. */
export interface DenseArray<Data extends TypedArray = TypedArray> {
  readonly shape: readonly number[];
  readonly data: Data;
  /** The element type where the array's class does not say it: half floats are bit patterns in a Uint16Array, truth values bytes. */
  readonly type?: 'float16' | 'bfloat16' | 'bool' | undefined;
}

/** The array class that holds the elements of each type. */
export const arrayClasses = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
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

/** The element type of an array. */
export function elementTypeOf({ type, data }: Pick<DenseArray, 'type' | 'data'>): ElementType {
  if (type !== undefined) return type;
  for (const [name, of] of Object.entries(arrayClasses))
    if (data instanceof of && !isAlias(name)) return name as ElementType;
  throw new CoreError('INVALID_VALUE', { where: 'array', expected: 'a typed array', got: typeof data });
}

export function bytesPerElement(type: ElementType): number {
  return arrayClasses[type].BYTES_PER_ELEMENT;
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** The array whose little-endian elements these bytes are: a view where the alignment allows it, else a copy. */
export function arrayFromBytes(type: ElementType, shape: readonly number[], bytes: Uint8Array): DenseArray {
  const of = arrayClasses[type];
  // `slice` of a Node Buffer would share its memory, and so its misalignment.
  const aligned = bytes.byteOffset % of.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  const data = new of(aligned.buffer as ArrayBuffer, aligned.byteOffset, elementCount(shape));
  return { shape, data, ...(isAlias(type) && { type }) };
}

/** The bytes of an array, little-endian as every machine that runs JavaScript, without a copy. */
export function bytesOf({ data }: Pick<DenseArray, 'data'>): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function isAlias(type: string): type is 'float16' | 'bfloat16' | 'bool' {
  return type === 'float16' || type === 'bfloat16' || type === 'bool';
}
