import { FlowsError } from '../errors.ts';

/** Numbers with a shape, of any type that the files here hold. */
export interface StoredArray {
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array | Int32Array | Uint8Array;
}

/** A safetensors file: named arrays and text metadata. */
export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly arrays: Readonly<Record<string, StoredArray>>;
}

const LENGTH_BYTES = 8;
/** The format's own limit on headers. */
const LARGEST_HEADER = 100_000_000;
const TYPES = { F64: Float64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;

/** The bytes of a safetensors file: 8 bytes of header length (little-endian), a JSON header, the numbers. */
export function encodeSafetensors({ metadata, arrays }: Safetensors): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    const dtype = Object.entries(TYPES).find(([, type]) => data instanceof type)![0];
    header[name] = { dtype, shape, data_offsets: [end, (end += data.byteLength)] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + padded + end).fill(0x20, LENGTH_BYTES, LENGTH_BYTES + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, LENGTH_BYTES);
  let at = LENGTH_BYTES + padded;
  for (const { data } of Object.values(arrays)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * What a safetensors file holds; its arrays are copies.
 *
 * @throws FlowsError `CORRUPT_FILE` for a torn or inconsistent file, `FOREIGN_FILE` for something else altogether.
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < LENGTH_BYTES) throw corrupt(where, 'a header', `${bytes.length} bytes`);
  const length = Number(view.getBigUint64(0, true));
  if (length > LARGEST_HEADER || length < 2) throw foreign(where, `a header length of ${length}`);
  if (LENGTH_BYTES + length > bytes.length) {
    throw corrupt(where, `a header of ${length} bytes`, `${bytes.length} bytes in all`);
  }
  const { __metadata__: metadata = {}, ...entries } = parseHeader(
    bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length),
    where,
  );
  const numbers = bytes.subarray(LENGTH_BYTES + length);
  const arrays: Record<string, StoredArray> = {};
  let used = 0;
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Partial<Record<string, unknown>>;
    const type = Object.hasOwn(TYPES, String(dtype)) ? TYPES[dtype as keyof typeof TYPES] : undefined;
    if (type === undefined || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
      throw corrupt(
        where,
        `'${name}' to have a type of ${Object.keys(TYPES).join(', ')}, a shape and offsets`,
        JSON.stringify(entry),
      );
    }
    const [start, end] = offsets as [number, number];
    const size = shape.reduce((product, side) => product * side, type.BYTES_PER_ELEMENT);
    if (end - start !== size) throw corrupt(where, `${size} bytes of '${name}'`, `${end - start}`);
    if (end > numbers.length) {
      throw corrupt(
        where,
        `'${name}' to end at byte ${end} of the numbers`,
        `${numbers.length} bytes: the file is cut short`,
      );
    }
    // A copy (little-endian, as every machine that JavaScript runs on): the file's offset need not be aligned.
    arrays[name] = { shape, data: new type(new Uint8Array(numbers.subarray(start, end)).buffer) };
    used = Math.max(used, end);
  }
  if (used !== numbers.length) throw corrupt(where, `${used} bytes of numbers`, `${numbers.length}`);
  return { metadata: metadata as Record<string, string>, arrays };
}

function parseHeader(bytes: Uint8Array, where: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>;
  } catch {
    // falls through to the one error below
  }
  throw foreign(where, 'a header that is not a JSON object');
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(side => Number.isSafeInteger(side) && side >= 0);
}

function corrupt(where: string, expected: string, got: string): FlowsError {
  return new FlowsError('CORRUPT_FILE', {
    where,
    expected,
    got,
    advice: 'save it again, or copy the file again',
  });
}

function foreign(where: string, got: string): FlowsError {
  return new FlowsError('FOREIGN_FILE', {
    where,
    expected: 'a safetensors file',
    got,
    advice: 'pass the file that was saved',
  });
}
