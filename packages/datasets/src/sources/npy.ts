import {
  arrayFromBytes,
  bytesPerElement,
  type DenseArray,
  type ElementType,
  elementCount,
  readNpyHeader,
  swapBytes,
  toFloat32,
} from '@ood/core';
import { type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { unreadable } from '../errors.ts';

/** A numpy array in a file, readable row by row (row: one index of the first axis). */
export interface NpyArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly rows: number;
  /** Numbers in a row. */
  readonly rowLength: number;
  /** Row `index` as float32; integers beyond 2²⁴ are rounded. */
  row(index: number): Promise<Float32Array>;
  /** Row `index` as float64: exact for every type but 64-bit integers beyond 2⁵³. */
  rowNumbers(index: number): Promise<Float64Array>;
  /** Row `index` of an array of bytes (`uint8`), as they are. */
  rowBytes(index: number): Promise<Uint8Array>;
}

/**
 * A `.npy` file, versions 1 to 3, row order: floats of 2, 4 or 8 bytes, integers and booleans of either byte order.
 *
 * @throws CoreError as `readNpyHeader`; DatasetError `UNSUPPORTED` for column (Fortran) order and rows without numbers
 */
export async function openNpy(input: BytesInput): Promise<NpyArray> {
  const source = await openBytes(input);
  const { type, shape, offset, bigEndian, fortranOrder } = await readNpyHeader(source, source.name);
  if (fortranOrder) {
    throw unreadable('UNSUPPORTED', source, {
      expected: 'rows one after the other (C order)',
      got: 'columns (Fortran order)',
      advice: 'save numpy.ascontiguousarray(array)',
    });
  }
  const [rows = 1, ...inner] = shape;
  const rowLength = elementCount(inner);
  if (rows > 0 && rowLength === 0) {
    throw unreadable('UNSUPPORTED', source, {
      offset,
      expected: 'numbers in every row',
      got: `shape (${shape.join(', ')})`,
      advice: 'save an array without an axis of length 0',
    });
  }
  const width = bytesPerElement(type);
  const readRow = (index: number) => source.read(offset + index * rowLength * width, rowLength * width);
  const decode = async (index: number): Promise<DenseArray> => {
    const bytes = await readRow(index);
    return arrayFromBytes(type, [rowLength], bigEndian ? swapBytes(bytes, width) : bytes);
  };
  return {
    name: source.name,
    shape,
    type,
    rows,
    rowLength,
    // A copy: what a source gives must not be written to.
    row: async index => Float32Array.from(toFloat32(await decode(index))),
    async rowNumbers(index) {
      const array = await decode(index);
      return Float64Array.from(
        (array.type === 'float16' ? toFloat32(array) : array.data) as ArrayLike<number>,
        Number,
      );
    },
    async rowBytes(index) {
      if (type === 'uint8') return (await readRow(index)).slice();
      throw unreadable('UNSUPPORTED', source, { expected: 'an array of bytes (uint8)', got: type });
    },
  };
}
