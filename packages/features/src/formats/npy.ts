import type { FileHandle } from 'node:fs/promises';
import { elementCount } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import { type ArrayType, asArray, asBytes, bytesPerElement, type NumericArray } from './array.ts';
import { openFile, readBytes, writeWholeFile } from './file-bytes.ts';
import { nameOfType, typeOfName } from './type-names.ts';

/** A `.npy` file open for reading by rows. */
export interface NpyFile {
  readonly type: ArrayType;
  readonly dims: readonly number[];
  /** Rows `start … end − 1` of the first dimension. */
  readRows(start: number, end: number): Promise<NumericArray>;
  close(): Promise<void>;
}

/**
 * Opens NumPy's `.npy` (format 1 to 3, little- or big-endian, C order; Fortran order for one dimension).
 *
 * @throws FeaturesError FILE_NOT_FOUND, UNSUPPORTED (objects, structures, Fortran order), CORRUPT_FILE, NEWER_VERSION
 */
export async function openNpy(path: string): Promise<NpyFile> {
  const file = await openFile(path, 'a .npy file');
  try {
    const { header, offset } = await readHeader(file, path);
    const { type, dims, swap } = parseHeader(header, path);
    const size = bytesPerElement(type);
    const row = elementCount(dims.slice(1)) * size;
    const { size: total } = await file.stat();
    if (total < offset + elementCount(dims) * size)
      throw new FeaturesError('CORRUPT_FILE', {
        where: path,
        expected: `${elementCount(dims)} values of ${type}`,
        got: `only ${total - offset} bytes`,
        advice: 'the file is truncated: save it again',
        details: { path, dims },
      });
    return {
      type,
      dims,
      async readRows(start, end) {
        if (dims.length > 0 && !(start >= 0 && start <= end && end <= dims[0]!))
          throw new FeaturesError('INVALID_OPTION', {
            where: path,
            expected: `rows within 0 … ${dims[0]}`,
            got: `${start} … ${end}`,
            advice: 'see dims',
            details: { path, start, end },
          });
        const bytes = await readBytes(file, path, offset + start * row, (end - start) * row);
        if (swap) swapBytes(bytes, size);
        return asArray(type, dims.length > 0 ? [end - start, ...dims.slice(1)] : [], bytes);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The whole array of a `.npy` file. @throws as `openNpy` */
export async function readNpy(path: string): Promise<NumericArray> {
  const file = await openNpy(path);
  try {
    return await file.readRows(0, file.dims[0] ?? 1);
  } finally {
    await file.close();
  }
}

/** Writes an array as `.npy` (format 1.0, little-endian, C order), under a temporary name first. */
export async function writeNpy(path: string, array: NumericArray): Promise<void> {
  const order = bytesPerElement(array.type) === 1 ? '|' : '<';
  const shape = array.dims.length === 1 ? `${array.dims[0]},` : array.dims.join(', ');
  const text = `{'descr': '${order}${nameOfType(array.type, 'npy')}', 'fortran_order': False, 'shape': (${shape}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const head = new Uint8Array(length).fill(0x20);
  head.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (length - 10) & 0xff, (length - 10) >> 8]);
  head.set(new TextEncoder().encode(text), 10);
  head[length - 1] = 0x0a;
  await writeWholeFile(path, [head, asBytes(array)]);
}

async function readHeader(file: FileHandle, path: string): Promise<{ header: string; offset: number }> {
  const { size } = await file.stat();
  const start = size >= 12 ? await readBytes(file, path, 0, 12) : new Uint8Array();
  if (start[0] !== 0x93 || new TextDecoder().decode(start.subarray(1, 6)) !== 'NUMPY')
    throw new FeaturesError('UNSUPPORTED', {
      where: path,
      expected: 'a .npy file',
      got: `${size} bytes that do not start as one`,
      advice: 'save it with numpy.save',
      details: { path },
    });
  const view = new DataView(start.buffer, start.byteOffset);
  const version = start[6]!;
  if (version > 3)
    throw new FeaturesError('NEWER_VERSION', {
      where: path,
      expected: '.npy format 1 to 3',
      got: `${version}`,
      advice: 'save it as format 1',
      details: {
        path,
        version,
      },
    });
  const prefix = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (prefix + length > size)
    throw new FeaturesError('CORRUPT_FILE', {
      where: path,
      expected: `a header of ${length} bytes`,
      got: 'a shorter file',
      advice: 'save it again',
      details: {
        path,
      },
    });
  return {
    header: new TextDecoder().decode(await readBytes(file, path, prefix, length)),
    offset: prefix + length,
  };
}

function parseHeader(header: string, path: string): { type: ArrayType; dims: number[]; swap: boolean } {
  const descriptor = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const match = /^([<>|=])(.*)$/.exec(descriptor ?? '');
  const type = typeOfName(match?.[2], 'npy');
  if (match && type && shape === undefined)
    throw new FeaturesError('CORRUPT_FILE', {
      where: path,
      expected: 'a header with a shape',
      got: 'none',
      advice: 'save the array again',
      details: { path, header },
    });
  if (!type || shape === undefined || !match)
    throw new FeaturesError('UNSUPPORTED', {
      where: path,
      expected: 'an array of numbers',
      got: `${descriptor ? `dtype '${descriptor}'` : 'objects or structures'}`,
      advice: "save it with .astype('float32')",
      details: { path, descriptor },
    });
  // Python 2 wrote long integers as `3L`.
  const dims = shape
    .split(',')
    .filter(text => text.trim() !== '')
    .map(text => Number(text.replace(/L\s*$/, '')));
  if (!dims.every(dim => Number.isInteger(dim) && dim >= 0))
    throw new FeaturesError('CORRUPT_FILE', {
      where: path,
      expected: 'a shape of whole numbers',
      got: `(${shape})`,
      advice: 'save the array again',
      details: { path, shape },
    });
  if (order === 'True' && dims.length > 1)
    throw new FeaturesError('UNSUPPORTED', {
      where: path,
      expected: 'rows one after the other (C order)',
      got: 'Fortran order',
      advice: 'save numpy.ascontiguousarray(a)',
      details: { path, dims },
    });
  return { type, dims, swap: match[1] === '>' };
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}
