import type { ByteSource } from '../bytes/byte-source.ts';
import { inflateChunks } from '../bytes/gunzip.ts';
import { unreadable } from '../errors.ts';

const HEADER_BYTES = 128;
const MI_COMPRESSED = 15;
const MI_MATRIX = 14;
/** Sizes of the numeric data types miINT8 … miUINT64 (0: not a number). */
const TYPE_BYTES: readonly number[] = [0, 1, 1, 2, 2, 4, 4, 4, 0, 8, 0, 0, 8, 8];
/** Longest array header (flags, dimensions, name) that is looked at. */
const MAX_ARRAY_HEADER = 4096;

/** Most variables of a file: each costs the start of a decompression. */
const MAX_VARIABLES = 10_000;

/** A numeric array in a MATLAB 5 file: where it lies, and its content as a stream. */
export interface Mat5Array {
  readonly name: string;
  readonly dims: readonly number[];
  /** MATLAB storage type: 1 int8, 2 uint8, 3 int16, 4 uint16, 5 int32, 6 uint32, 7 single, 9 double, 12/13 (u)int64. */
  readonly type: number;
  /** Number of bytes of the real part. */
  readonly bytes: number;
  /** The real part, column by column, in chunks. */
  content(): AsyncGenerator<Uint8Array>;
}

/**
 * The numeric arrays of a MATLAB Level 5 MAT-file (`-v6`, `-v7`); compressed variables are inflated as they are read,
 * so that files larger than memory can be read. Version 7.3 (HDF5) is refused by name.
 * Source: MathWorks, "MAT-File Format".
 *
 * @throws DatasetError.
 */
export async function readMat5(source: ByteSource): Promise<Mat5Array[]> {
  const littleEndian = await readFileHeader(source);
  if (!littleEndian) {
    throw unreadable('UNSUPPORTED', source, {
      offset: 126,
      expected: 'little-endian numbers',
      got: 'big-endian',
    });
  }
  const arrays: Mat5Array[] = [];
  let variables = 0;
  let offset = HEADER_BYTES;
  while (offset + 8 <= source.size) {
    variables += 1;
    if (variables > MAX_VARIABLES) {
      throw unreadable('TOO_LARGE', source, {
        offset,
        expected: `at most ${MAX_VARIABLES} variables`,
        got: 'more',
        advice: 'save fewer in one file',
      });
    }
    const tag = viewOf(await source.read(offset, 8));
    const type = tag.getUint32(0, true);
    const bytes = tag.getUint32(4, true);
    const start = offset + 8;
    if (start + bytes > source.size) {
      throw unreadable('CORRUPT_FILE', source, {
        offset,
        expected: `a variable of ${bytes} bytes`,
        got: `${source.size - start}`,
      });
    }
    if (type === MI_COMPRESSED) {
      const open = () =>
        inflateChunks(source, 'zlib', { start, end: start + bytes, maxBytes: 2 ** 33, maxRatio: 1100 });
      const array = await readArray(source, open, 8);
      if (array !== undefined) arrays.push(array);
      offset = start + bytes;
    } else if (type === MI_MATRIX) {
      const array = await readArray(source, () => chunks(source, start, start + bytes), 0);
      if (array !== undefined) arrays.push(array);
      // Top-level elements that are not compressed are padded to 8 bytes.
      offset = start + Math.ceil(bytes / 8) * 8;
    } else {
      throw unreadable('CORRUPT_FILE', source, {
        offset,
        expected: 'a variable',
        got: `an element of type ${type}`,
      });
    }
  }
  return arrays;
}

async function readFileHeader(source: ByteSource): Promise<boolean> {
  if (source.size < HEADER_BYTES) {
    throw unreadable('FOREIGN_FILE', source, {
      expected: 'a MAT-file header',
      got: `${source.size} bytes`,
    });
  }
  const head = await source.read(0, HEADER_BYTES);
  const text = Buffer.from(head.subarray(0, 116)).toString('latin1');
  const view = viewOf(head);
  const mark = String.fromCharCode(head[126]!, head[127]!);
  if (mark !== 'IM' && mark !== 'MI') {
    throw unreadable('FOREIGN_FILE', source, {
      offset: 126,
      expected: 'the endian mark of a MAT-file',
      got: JSON.stringify(mark),
    });
  }
  const version = view.getUint16(124, mark === 'IM');
  if (version === 0x0200 || text.startsWith('MATLAB 7.3')) {
    throw unreadable('UNSUPPORTED', source, {
      offset: 124,
      expected: 'MAT-file version 5',
      got: 'version 7.3 (HDF5)',
      advice: 'save it again with -v7',
    });
  }
  if (version !== 0x0100) {
    throw unreadable('UNSUPPORTED', source, {
      offset: 124,
      expected: 'MAT-file version 5',
      got: `${version}`,
    });
  }
  return mark === 'IM';
}

/** Parses flags, dimensions and name of an array; `skip` bytes (the inner tag) come first. Non-numeric: undefined. */
async function readArray(
  source: ByteSource,
  open: () => AsyncGenerator<Uint8Array>,
  skip: number,
): Promise<Mat5Array | undefined> {
  const head = await firstBytes(open(), MAX_ARRAY_HEADER);
  const view = viewOf(head);
  const fail = (expected: string, got: string): never => {
    throw unreadable('CORRUPT_FILE', source, { expected: `an array with ${expected}`, got });
  };
  let at = skip;
  const element = () => {
    if (at + 8 > head.length) return fail('a complete header', `${head.length} bytes`);
    const word = view.getUint32(at, true);
    // Small elements keep up to four bytes of data inside their tag.
    const small = word >>> 16;
    const type = small === 0 ? word : word & 0xffff;
    const bytes = small === 0 ? view.getUint32(at + 4, true) : small;
    const start = at + (small === 0 ? 8 : 4);
    at = small === 0 ? start + Math.ceil(bytes / 8) * 8 : at + 8;
    return { type, bytes, start };
  };
  const flags = element();
  if (flags.type !== 6 || flags.bytes !== 8 || flags.start + 8 > head.length)
    fail('flags', `type ${flags.type}`);
  const kind = view.getUint8(flags.start);
  const complex = (view.getUint8(flags.start + 1) & 0x08) !== 0;
  if (kind < 6 || kind > 15 || complex) return undefined;
  const shape = element();
  if (
    shape.type !== 5 ||
    shape.bytes % 4 !== 0 ||
    shape.bytes > 256 ||
    shape.start + shape.bytes > head.length
  ) {
    fail('dimensions', `${shape.bytes} bytes of type ${shape.type}`);
  }
  const dims = Array.from({ length: shape.bytes / 4 }, (_, i) => view.getInt32(shape.start + 4 * i, true));
  if (dims.length < 2 || dims.some(dim => dim < 0)) fail('two or more sizes', `[${dims.join(', ')}]`);
  const label = element();
  if (label.type !== 1 || label.start + label.bytes > head.length) fail('a name', `type ${label.type}`);
  const name = Buffer.from(head.subarray(label.start, label.start + label.bytes)).toString('latin1');
  const data = element();
  const width = TYPE_BYTES[data.type] ?? 0;
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (width === 0 || data.bytes !== width * count) {
    fail(`${count} numbers in ${name}`, `${data.bytes} bytes of type ${data.type}`);
  }
  return {
    name,
    dims,
    type: data.type,
    bytes: data.bytes,
    content: () => section(source, open(), data.start, data.bytes),
  };
}

async function* chunks(source: ByteSource, start: number, end: number): AsyncGenerator<Uint8Array> {
  const step = 2 ** 20;
  for (let offset = start; offset < end; offset += step)
    yield await source.read(offset, Math.min(step, end - offset));
}

/** Bytes `start` … `start + length` of a stream. */
async function* section(
  source: ByteSource,
  stream: AsyncGenerator<Uint8Array>,
  start: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  let position = 0;
  for await (const chunk of stream) {
    const from = Math.max(0, start - position);
    const to = Math.min(chunk.length, start + length - position);
    position += chunk.length;
    if (from < to) yield chunk.subarray(from, to);
    if (position >= start + length) return;
  }
  throw unreadable('CORRUPT_FILE', source, {
    expected: `${start + length} bytes in a variable`,
    got: `${position}`,
  });
}

async function firstBytes(stream: AsyncGenerator<Uint8Array>, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let have = 0;
  for await (const chunk of stream) {
    parts.push(chunk.subarray(0, length - have));
    have += chunk.length;
    if (have >= length) break;
  }
  return Uint8Array.from(Buffer.concat(parts));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
