import { CoreError } from '../errors/core-error.ts';
import {
  arrayFromBytes,
  bytesOf,
  bytesPerElement,
  type DenseArray,
  elementCount,
  elementTypeOf,
} from './dense-array.ts';
import { parseNpyHeader } from './npy-header.ts';
import { inRowOrder, swapBytes } from './reorder-elements.ts';
import { requireDense } from './require-dense.ts';
import { nameOfType } from './type-names.ts';

/**
 * The array in a `.npy` file: format 1 to 3, either byte order, row or column order; given in row-major order. A view of `bytes`
 * where the alignment allows it.
 *
 * @param where path or name of the file, for messages
 * @throws CoreError as `parseNpyHeader`
 */
export function decodeNpy(bytes: Uint8Array, where: string): DenseArray {
  const { type, shape, offset, bigEndian, fortranOrder } = parseNpyHeader(bytes, where);
  const width = bytesPerElement(type);
  let elements = bytes.subarray(offset, offset + elementCount(shape) * width);
  if (bigEndian) elements = swapBytes(elements, width);
  if (fortranOrder) elements = inRowOrder(elements, shape, width);
  return arrayFromBytes(type, shape, elements);
}

/**
 * The bytes of a `.npy` file: format 1.0, little-endian, row-major.
 *
 * @throws CoreError `UNSUPPORTED` for bfloat16, which NumPy lacks.
 */
export function encodeNpy(array: DenseArray): Uint8Array {
  const name = nameOfType(elementTypeOf(array), 'npy');
  if (name === undefined)
    throw new CoreError('UNSUPPORTED', {
      where: 'encodeNpy',
      expected: 'elements of a type that NumPy has',
      got: elementTypeOf(array),
      advice: 'convert it with bfloat16ToFloat32',
    });
  requireDense('encodeNpy', array);
  const shape = array.shape.length === 1 ? `${array.shape[0]},` : array.shape.join(', ');
  const order = array.data.BYTES_PER_ELEMENT === 1 ? '|' : '<';
  const text = `{'descr': '${order}${name}', 'fortran_order': False, 'shape': (${shape}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const elements = bytesOf(array);
  const bytes = new Uint8Array(length + elements.length).fill(0x20, 0, length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (length - 10) & 0xff, (length - 10) >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[length - 1] = 0x0a;
  bytes.set(elements, length);
  return bytes;
}
