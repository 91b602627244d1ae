import { CoreError } from '../errors/core-error.ts';
import type { ByteRanges } from './byte-ranges.ts';
import { bytesPerElement, type ElementType, elementCount } from './dense-array.ts';
import { typeOfName } from './type-names.ts';

/** One array of a safetensors file. */
export interface SafetensorsEntry {
  /** Element type; undefined for one that is not read here, such as an 8-bit float. */
  readonly type: ElementType | undefined;
  /** The file's name of the element type. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte, counted from the header's `offset`. */
  readonly start: number;
  /** Byte after the last. */
  readonly end: number;
}

/** What the header of a safetensors file says. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in the order of the file. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  /** Where the elements start in the file. */
  readonly offset: number;
}

const LENGTH_BYTES = 8;
/** The format's own limit on headers. */
const LARGEST_HEADER = 100_000_000;

/** The header of a safetensors file that is read by ranges. @throws CoreError as `parseSafetensorsHeader`; what `source.read` throws. */
export async function readSafetensorsHeader(source: ByteRanges, where: string): Promise<SafetensorsHeader> {
  const prefix = await source.read(0, Math.min(LENGTH_BYTES, source.size));
  const end = headerEnd(prefix, where, source.size);
  return parseSafetensorsHeader(await source.read(0, end), where, source.size);
}

/**
 * The header at the start of a safetensors file, checked: the arrays lie within the file, fill it without gap or overlap, and
 * each has as many bytes as its shape says.
 *
 * @param bytes the whole file, or its start with all of the header
 * @param where path or name of the file, for messages
 * @param size bytes of the whole file
 * @throws CoreError `FOREIGN_FILE` (another kind of file), `CORRUPT_FILE` (torn or inconsistent)
 */
export function parseSafetensorsHeader(
  bytes: Uint8Array,
  where: string,
  size = bytes.length,
): SafetensorsHeader {
  const offset = headerEnd(bytes, where, size);
  const { __metadata__: metadata, ...rest } = jsonObject(bytes.subarray(LENGTH_BYTES, offset), where);
  const entries = new Map(Object.entries(rest).map(([name, entry]) => [name, entryOf(entry, name, where)]));
  let end = 0;
  for (const [name, entry] of [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== end)
      throw corrupt(where, `'${name}' to start at byte ${end} of the elements`, `${entry.start}`);
    end = entry.end;
  }
  if (end !== size - offset) throw corrupt(where, `${end} bytes of elements`, `${size - offset}`);
  return { metadata: textsOf(metadata ?? {}, where), entries, offset };
}

/** Where the header ends, from the first bytes of the file. */
function headerEnd(start: Uint8Array, where: string, size: number): number {
  if (start.length < LENGTH_BYTES) throw corrupt(where, 'a safetensors file', `${start.length} bytes`);
  const length = Number(new DataView(start.buffer, start.byteOffset, start.length).getBigUint64(0, true));
  if (length < 2 || length > LARGEST_HEADER) throw foreign(where, `a header length of ${length}`);
  if (LENGTH_BYTES + length > size)
    throw corrupt(where, `a header of ${length} bytes`, `${size} bytes in all`);
  return LENGTH_BYTES + length;
}

function entryOf(value: unknown, name: string, where: string): SafetensorsEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof dtype !== 'string' || !areSizes(shape) || !areSizes(offsets) || offsets.length !== 2)
    throw corrupt(where, `'${name}' to have a dtype, a shape and two data_offsets`, shortened(value));
  const [start, end] = offsets as [number, number];
  const type = typeOfName(dtype, 'safetensors');
  const needed = type === undefined ? end - start : elementCount(shape) * bytesPerElement(type);
  if (end - start !== needed || needed < 0)
    throw corrupt(where, `${needed} bytes of '${name}'`, `${end - start}`);
  return { type, dtype, shape, start, end };
}

function jsonObject(bytes: Uint8Array, where: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>;
  } catch {
    // One error for all of it, below.
  }
  throw foreign(where, 'a header that is no JSON object');
}

function textsOf(value: unknown, where: string): Record<string, string> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject || !Object.values(value).every(entry => typeof entry === 'string'))
    throw corrupt(where, '__metadata__ of texts', shortened(value));
  return Object.assign(Object.create(null), value);
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(side => Number.isSafeInteger(side) && side >= 0);
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function corrupt(where: string, expected: string, got: string): CoreError {
  return new CoreError('CORRUPT_FILE', {
    where,
    expected,
    got,
    advice: 'save it again, or copy the file again',
  });
}

function foreign(where: string, got: string): CoreError {
  return new CoreError('FOREIGN_FILE', {
    where,
    expected: 'a safetensors file',
    got,
    advice: 'give the file that was saved',
  });
}
