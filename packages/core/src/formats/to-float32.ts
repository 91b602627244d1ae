import type { DenseArray } from './dense-array.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './half-floats.ts';

/** The numbers of an array as float32; the array's own data where they are that already. */
export function toFloat32({ type, data }: Pick<DenseArray, 'type' | 'data'>): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array && type === 'float16') return float16ToFloat32(data);
  if (data instanceof Uint16Array && type === 'bfloat16') return bfloat16ToFloat32(data);
  return data instanceof BigInt64Array || data instanceof BigUint64Array
    ? Float32Array.from(data, Number)
    : Float32Array.from(data);
}
