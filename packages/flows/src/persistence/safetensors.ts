import { type NamedArray, type NamedArrays, sizeOf } from '../contract/arrays.ts';
import { FlowsError } from '../errors.ts';

/** A safetensors file: named float32 arrays and text metadata. */
export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly arrays: NamedArrays;
}

const LENGTH_BYTES = 8;
/** The format's own limit on headers. */
const LARGEST_HEADER = 100_000_000;

/** The bytes of a safetensors file: 8 bytes of header length (little-endian), a JSON header, the numbers. */
export function encodeSafetensors({ metadata, arrays }: Safetensors): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += data.byteLength)] };
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
 * What a safetensors file holds; its arrays must be float32.
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
  const arrays: Record<string, NamedArray> = {};
  let used = 0;
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: offsets } = entry as Partial<Record<string, unknown>>;
    if (dtype !== 'F32' || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
      throw corrupt(where, `'${name}' to be a float32 array with shape and offsets`, JSON.stringify(entry));
    }
    const [start, end] = offsets as [number, number];
    if (end - start !== 4 * sizeOf(shape))
      throw corrupt(where, `${4 * sizeOf(shape)} bytes of '${name}'`, `${end - start}`);
    if (end > numbers.length) {
      throw corrupt(
        where,
        `'${name}' to end at byte ${end} of the numbers`,
        `${numbers.length} bytes: the file is cut short`,
      );
    }
    arrays[name] = { shape, data: floats(numbers.subarray(start, end)) };
    used = Math.max(used, end);
  }
  if (used !== numbers.length) throw corrupt(where, `${used} bytes of numbers`, `${numbers.length}`);
  return { metadata: metadata as Record<string, string>, arrays };
}

function parseHeader(bytes: Uint8Array, where: string): Record<string, object> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Record<string, object>;
  } catch {
    // falls through to the one error below
  }
  throw foreign(where, 'a header that is not a JSON object');
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(side => Number.isSafeInteger(side) && side >= 0);
}

/** A copy of the numbers (little-endian, as every machine that JavaScript runs on); the file's offset need not be a multiple of four. */
function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}

function corrupt(where: string, expected: string, got: string): FlowsError {
  return new FlowsError({
    code: 'CORRUPT_FILE',
    where,
    expected,
    got,
    advice: 'save the flow again, or copy the file again',
  });
}

function foreign(where: string, got: string): FlowsError {
  return new FlowsError({
    code: 'FOREIGN_FILE',
    where,
    expected: 'a flow in a safetensors file',
    got,
    advice: 'pass a file that saveFlow wrote',
  });
}
