import { CoreError } from '../errors/core-error.ts';
import type { ByteRanges } from './byte-ranges.ts';
import { bytesPerElement, type ElementType, elementCount } from './dense-array.ts';
import { namesOfTypes, typeOfName } from './type-names.ts';

/** What the header of a `.npy` file says. */
export interface NpyHeader {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Where the elements start in the file. */
  readonly offset: number;
  /** Elements have their most significant byte first. */
  readonly bigEndian: boolean;
  /** The first axis runs fastest; false for a single axis, where it makes no difference. */
  readonly fortranOrder: boolean;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Bytes that say how long the header is. */
const PREFIX_BYTES = 12;
/** NumPy itself reads no longer ones. */
const LARGEST_HEADER = 10_000;

/** The header of a `.npy` file that is read by ranges. @throws CoreError as `parseNpyHeader`; what `source.read` throws. */
export async function readNpyHeader(source: ByteRanges, where: string): Promise<NpyHeader> {
  const prefix = await source.read(0, Math.min(PREFIX_BYTES, source.size));
  const end = headerEnd(prefix, where);
  return parseNpyHeader(await source.read(0, Math.min(end, source.size)), where, source.size);
}

/**
 * The header at the start of a `.npy` file of format 1 to 3, checked against the size of the file.
 *
 * @param bytes the whole file, or its start with all of the header
 * @param where path or name of the file, for messages
 * @param size bytes of the whole file
 * @throws CoreError `FOREIGN_FILE` (another kind of file), `NEWER_VERSION`, `UNSUPPORTED` (objects, structures, other types),
 *   `TOO_LARGE` (the header), `CORRUPT_FILE` (torn, or no header of an array)
 */
export function parseNpyHeader(bytes: Uint8Array, where: string, size = bytes.length): NpyHeader {
  const offset = headerEnd(bytes, where);
  if (offset > bytes.length) throw torn(where, `a header of ${offset} bytes`, `${bytes.length} bytes in all`);
  const version = bytes[6]!;
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(
    bytes.subarray(version === 1 ? 10 : 12, offset),
  );
  const descriptor = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = shapeIn(text);
  if (order === undefined || shape === undefined || !/'descr':/.test(text))
    throw torn(where, 'a header with descr, fortran_order and shape', JSON.stringify(text.slice(0, 120)));
  const [, sign, name = ''] = /^([<>|=])(.*)$/.exec(descriptor ?? '') ?? [];
  const type = typeOfName(name, 'npy');
  if (type === undefined)
    throw new CoreError('UNSUPPORTED', {
      where,
      expected: `elements of one of the types ${namesOfTypes('npy')}`,
      got: descriptor === undefined ? 'structures' : `dtype '${descriptor}'`,
      advice: "save it with .astype('float32')",
      details: { descriptor },
    });
  const bytesNeeded = elementCount(shape) * bytesPerElement(type);
  if (!(bytesNeeded <= size - offset))
    throw torn(
      where,
      `${shape.join(' × ')} elements of ${type}, ${bytesNeeded} bytes`,
      `${size - offset} bytes`,
    );
  return { type, shape, offset, bigEndian: sign === '>', fortranOrder: order === 'True' && shape.length > 1 };
}

/** Where the header ends, from the first bytes of the file. */
function headerEnd(start: Uint8Array, where: string): number {
  if (start.length < PREFIX_BYTES || MAGIC.some((byte, i) => start[i] !== byte))
    throw new CoreError('FOREIGN_FILE', {
      where,
      expected: 'a .npy file',
      got: start.length < PREFIX_BYTES ? `${start.length} bytes` : 'bytes that do not start as one',
      advice: 'save it with numpy.save',
    });
  const version = start[6]!;
  if (version < 1) throw torn(where, '.npy format 1 to 3', `${version}`);
  if (version > 3)
    throw new CoreError('NEWER_VERSION', {
      where,
      expected: '.npy format 1 to 3',
      got: `${version}`,
      advice: 'save it with numpy.lib.format.write_array(…, version=(1, 0))',
      details: { version },
    });
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LARGEST_HEADER)
    throw new CoreError('TOO_LARGE', {
      where,
      expected: `a header of at most ${LARGEST_HEADER} bytes`,
      got: `${length}`,
      advice: 'save a plain array of numbers',
      details: { limit: LARGEST_HEADER, bytes: length },
    });
  return length + (version === 1 ? 10 : 12);
}

function shapeIn(header: string): number[] | undefined {
  const sizes = /'shape':\s*\(([\dL,\s]*)\)/
    .exec(header)?.[1]
    ?.split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    // Python 2 wrote long integers as `3L`.
    .map(part => Number(part.replace(/L$/, '')));
  return sizes?.every(Number.isSafeInteger) ? sizes : undefined;
}

function torn(where: string, expected: string, got: string): CoreError {
  return new CoreError('CORRUPT_FILE', {
    where,
    expected,
    got,
    advice: 'save it again, or copy the file again',
  });
}
