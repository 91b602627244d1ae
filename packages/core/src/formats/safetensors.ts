import { CoreError } from '../errors/core-error.ts';
import { arrayFromBytes, bytesOf, type DenseArray, elementTypeOf } from './dense-array.ts';
import { requireDense } from './require-dense.ts';
import { parseSafetensorsHeader, type SafetensorsEntry } from './safetensors-header.ts';
import { nameOfType } from './type-names.ts';

/** What a safetensors file holds: named arrays and metadata of texts. */
export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly arrays: Readonly<Record<string, DenseArray>>;
}

/** The bytes of a safetensors file. @throws CoreError as `safetensorsParts`. */
export function encodeSafetensors(file: Partial<Safetensors>): Uint8Array {
  const parts = safetensorsParts(file);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * The bytes of a safetensors file in parts to be written one after the other, the arrays without a copy: 8 bytes of header
 * length, a JSON header, the elements. Arrays of the widest elements come first, so that all are aligned.
 *
 * @throws CoreError `WRONG_SHAPE`, `INVALID_OPTION` for an array of the reserved name `__metadata__`.
 */
export function safetensorsParts({ metadata = {}, arrays = {} }: Partial<Safetensors>): Uint8Array[] {
  const sorted = Object.entries(arrays).sort(
    ([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT,
  );
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  let offset = 0;
  for (const [name, array] of sorted) {
    if (name === '__metadata__') throw reservedName();
    requireDense(`encodeSafetensors, '${name}'`, array);
    const end = offset + array.data.byteLength;
    const dtype = nameOfType(elementTypeOf(array), 'safetensors');
    header.push([name, { dtype, shape: array.shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  // From entries: assigning to the name `__proto__` would lose an array.
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const head = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  head.set(text, 8);
  return [head, ...sorted.map(([, array]) => bytesOf(array))];
}

/**
 * What a safetensors file holds. Its arrays are copies; half floats stay bit patterns (see `toFloat32`).
 *
 * @param where path or name of the file, for messages
 * @throws CoreError as `parseSafetensorsHeader`; `UNSUPPORTED` for an element type that is not read here
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const { metadata, entries, offset } = parseSafetensorsHeader(bytes, where);
  // Without a prototype: a file may name an array `constructor`.
  const arrays: Record<string, DenseArray> = Object.create(null);
  // `slice` of a Node Buffer would share its memory.
  for (const [name, entry] of entries)
    arrays[name] = arrayOfEntry(
      entry,
      new Uint8Array(bytes.subarray(offset + entry.start, offset + entry.end)),
      `${where}, '${name}'`,
    );
  return { metadata, arrays };
}

/**
 * The array of one entry, from its bytes: a view of them where the alignment allows it.
 *
 * @throws CoreError `UNSUPPORTED` for an element type that is not read here
 */
export function arrayOfEntry(
  { type, dtype, shape }: SafetensorsEntry,
  bytes: Uint8Array,
  where: string,
): DenseArray {
  if (type !== undefined) return arrayFromBytes(type, shape, bytes);
  throw new CoreError('UNSUPPORTED', {
    where,
    expected: 'integers, truth values or floats of 16 to 64 bits',
    got: dtype,
    advice: 'save it as float32',
    details: { dtype },
  });
}

function reservedName(): CoreError {
  return new CoreError('INVALID_OPTION', {
    where: 'encodeSafetensors',
    expected: 'names of arrays other than __metadata__',
    got: 'an array of that name',
    advice: 'choose another name',
  });
}
