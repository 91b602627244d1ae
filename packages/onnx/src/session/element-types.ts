import type { ElementArrays, ElementType } from './session.ts';

/** The array class that holds the elements of each type; strings are plain arrays. */
export const elementArrays = {
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
  string: Array,
} as const satisfies { [T in ElementType]: new (length: number) => ElementArrays[T] };

export function isElementType(type: string): type is ElementType {
  return Object.hasOwn(elementArrays, type);
}
