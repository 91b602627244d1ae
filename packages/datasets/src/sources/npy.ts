import { type ByteSource, type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { unreadable } from '../errors.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** numpy itself refuses longer headers. */
const MAX_HEADER = 10_000;

type Read = (view: DataView, at: number) => number;

/** Element types by the code of numpy's `dtype.str` without byte order: size in bytes and how one is read. */
const TYPES: Readonly<Record<string, { bytes: number; read: (little: boolean) => Read }>> = {
  f2: { bytes: 2, read: little => (view, at) => halfToNumber(view.getUint16(at, little)) },
  f4: { bytes: 4, read: little => (view, at) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: little => (view, at) => view.getFloat64(at, little) },
  i1: { bytes: 1, read: () => (view, at) => view.getInt8(at) },
  i2: { bytes: 2, read: little => (view, at) => view.getInt16(at, little) },
  i4: { bytes: 4, read: little => (view, at) => view.getInt32(at, little) },
  i8: { bytes: 8, read: little => (view, at) => Number(view.getBigInt64(at, little)) },
  u1: { bytes: 1, read: () => (view, at) => view.getUint8(at) },
  u2: { bytes: 2, read: little => (view, at) => view.getUint16(at, little) },
  u4: { bytes: 4, read: little => (view, at) => view.getUint32(at, little) },
  u8: { bytes: 8, read: little => (view, at) => Number(view.getBigUint64(at, little)) },
  b1: { bytes: 1, read: () => (view, at) => view.getUint8(at) },
};

/** A numpy array in a file, readable row by row (row: one index of the first axis). */
export interface NpyArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** numpy type code without byte order, e.g. `f4`. */
  readonly type: string;
  readonly rows: number;
  /** Numbers in a row. */
  readonly rowLength: number;
  /** Row `index` as float32; integers beyond 2²⁴ are rounded. */
  row(index: number): Promise<Float32Array>;
  /** Row `index` as float64: exact for every type but 64-bit integers beyond 2⁵³. */
  rowNumbers(index: number): Promise<Float64Array>;
  /** Row `index` of an array of bytes (`u1`), as they are. */
  rowBytes(index: number): Promise<Uint8Array>;
}

/**
 * A `.npy` file, versions 1 to 3, C order: floats (f2, f4, f8), integers and booleans of either byte order.
 *
 * @throws DatasetError where the header is not numpy's, the type or order is not supported, or the size is wrong.
 */
export async function openNpy(input: BytesInput): Promise<NpyArray> {
  const source = await openBytes(input);
  const { text, dataStart } = await readHeader(source);
  const { descr, fortran, shape } = parseHeader(source, text);
  const [, order, type] = /^([<>|=])([a-z]\d+)$/.exec(descr) ?? [];
  const element = type === undefined ? undefined : TYPES[type];
  if (element === undefined || type === undefined) {
    throw unreadable('UNSUPPORTED', source, {
      expected: `one of the types ${Object.keys(TYPES).join(', ')}`,
      got: descr,
      advice: 'save it as float32',
    });
  }
  if (fortran && shape.length > 1) {
    throw unreadable('UNSUPPORTED', source, {
      expected: 'C order',
      got: 'Fortran order',
      advice: 'save numpy.ascontiguousarray(array)',
    });
  }
  const rows = shape[0] ?? 1;
  const rowLength = shape.slice(1).reduce((product, dim) => product * dim, 1);
  const rowBytes = rowLength * element.bytes;
  if (!Number.isSafeInteger(rows * rowBytes) || source.size < dataStart + rows * rowBytes) {
    throw unreadable('CORRUPT_FILE', source, {
      offset: dataStart,
      expected: `${shape.join(' × ')} numbers of ${element.bytes} bytes`,
      got: `${source.size - dataStart} bytes`,
    });
  }
  if (rows > 0 && rowLength === 0) {
    throw unreadable('UNSUPPORTED', source, {
      offset: dataStart,
      expected: 'numbers in every row',
      got: `shape (${shape.join(', ')})`,
      advice: 'save an array without an axis of length 0',
    });
  }
  const readNumber = element.read(order !== '>');
  const readRow = (index: number) => source.read(dataStart + index * rowBytes, rowBytes);
  const fill = async <T extends Float32Array | Float64Array>(index: number, row: T): Promise<T> => {
    const bytes = await readRow(index);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0, at = 0; i < rowLength; i++, at += element.bytes) row[i] = readNumber(view, at);
    return row;
  };
  return {
    name: source.name,
    shape,
    type,
    rows,
    rowLength,
    row: index => fill(index, new Float32Array(rowLength)),
    rowNumbers: index => fill(index, new Float64Array(rowLength)),
    async rowBytes(index) {
      if (type === 'u1') return (await readRow(index)).slice();
      throw unreadable('UNSUPPORTED', source, { expected: 'an array of bytes (u1)', got: type });
    },
  };
}

async function readHeader(source: ByteSource): Promise<{ text: string; dataStart: number }> {
  const head = await source.read(0, Math.min(12, source.size));
  if (head.length < 10 || MAGIC.some((byte, i) => head[i] !== byte)) {
    throw unreadable('FOREIGN_FILE', source, {
      offset: 0,
      expected: 'the magic number of .npy',
      got: 'others',
    });
  }
  const version = head[6]!;
  if (version < 1 || version > 3 || head.length < 12) {
    throw unreadable('UNSUPPORTED', source, {
      offset: 6,
      expected: '.npy version 1, 2 or 3',
      got: `${version}`,
    });
  }
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) {
    throw unreadable('TOO_LARGE', source, {
      offset: 8,
      expected: `a header below ${MAX_HEADER} bytes`,
      got: `${length}`,
    });
  }
  const text = Buffer.from(await source.read(start, length)).toString(version === 3 ? 'utf8' : 'latin1');
  return { text, dataStart: start + length };
}

function parseHeader(source: ByteSource, text: string): { descr: string; fortran: boolean; shape: number[] } {
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  const shape = sizes
    ?.split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(Number);
  if (
    descr === undefined ||
    fortran === undefined ||
    shape === undefined ||
    !shape.every(Number.isSafeInteger)
  ) {
    throw unreadable('CORRUPT_FILE', source, {
      offset: 10,
      expected: 'descr, fortran_order and shape of a plain array',
      got: JSON.stringify(text.slice(0, 120)),
    });
  }
  return { descr, fortran: fortran === 'True', shape };
}

/** IEEE 754 binary16 to number. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
