import { elementCount } from '@ood/core';
import { elementArrays, type Tensor, viewElements } from '@ood/onnx';
import { FeaturesError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { float16ToFloat32 } from './float16.ts';

/** A dense row-major array of numbers, as `.npy` and `.safetensors` hold them. Half floats are bit patterns. */
export type NumericArray = Exclude<Tensor, { readonly type: 'string' }>;

export type ArrayType = NumericArray['type'];

export function bytesPerElement(type: ArrayType): number {
  return elementArrays[type].BYTES_PER_ELEMENT;
}

/** The numbers in `bytes`: a view where the alignment allows it, else a copy. */
export function asArray(type: ArrayType, dims: readonly number[], bytes: Uint8Array): NumericArray {
  return { type, dims, data: viewElements(type, bytes) } as NumericArray;
}

export function asBytes({ data }: NumericArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * A float32 matrix `[rows, …]` with all further dimensions flattened; one dimension makes a column.
 *
 * @throws FeaturesError SAMPLE_INVALID for a scalar
 */
export function toMatrix(array: NumericArray, where: string): Matrix {
  const [rows, ...rest] = array.dims;
  if (rows === undefined) throw scalar(where);
  return { rows, cols: elementCount(rest), data: toFloat32(array) };
}

/** The error for an array that has no rows because it has no dimensions. */
export function scalar(where: string): FeaturesError {
  return new FeaturesError('SAMPLE_INVALID', {
    where,
    expected: 'a matrix [rows, d]',
    got: 'a scalar',
    advice: 'save it with two dimensions',
  });
}

/** The numbers as float32. */
export function toFloat32({ type, data }: NumericArray): Float32Array {
  if (type === 'float32') return data;
  if (type === 'float16') return float16ToFloat32(data);
  return type === 'int64' || type === 'uint64' ? Float32Array.from(data, Number) : Float32Array.from(data);
}

/**
 * Class indices `[rows]` or `[rows, 1]`, integers or whole-valued floats, as int32; −1 where there is none.
 *
 * @throws FeaturesError SAMPLE_INVALID for anything else, e.g. one-hot rows
 */
export function toLabels(array: NumericArray, where: string): Int32Array {
  const [rows = 0, ...rest] = array.dims;
  if (array.dims.length === 0 || elementCount(rest) !== 1)
    throw new FeaturesError('SAMPLE_INVALID', {
      where,
      expected: 'one class index per row',
      got: `shape [${array.dims.join(', ')}]`,
      advice: 'save a list of class indices (argmax of one-hot rows)',
      details: { dims: array.dims },
    });
  const labels = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const value = Number(array.type === 'float16' ? toFloat32(array)[row] : array.data[row]);
    if (!Number.isInteger(value) || value < -1 || value > 2 ** 31 - 1)
      throw new FeaturesError('SAMPLE_INVALID', {
        where,
        expected: 'class indices from 0 (or −1 for none)',
        got: `${value}`,
        advice: 'save the labels as integers',
        details: { value, row },
      });
    labels[row] = value;
  }
  return labels;
}
