import { elementCount } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import { type ArrayType, asArray, asBytes, bytesPerElement, type NumericArray } from './array.ts';
import { openFile, readBytes, writeWholeFile } from './file-bytes.ts';
import { nameOfType, namesOfTypes, typeOfName } from './type-names.ts';

export interface SafetensorsFile {
  readonly tensors: Readonly<Record<string, NumericArray>>;
  /** The file's `__metadata__`. */
  readonly metadata: Metadata;
}

type Metadata = Readonly<Record<string, string>>;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Reads tensors (all, or those named) of a `.safetensors` file; bfloat16 becomes float32.
 *
 * @throws FeaturesError FILE_NOT_FOUND, UNSUPPORTED (another file, float8), CORRUPT_FILE, INVALID_OPTION (no such tensor)
 */
export async function readSafetensors(path: string, names?: readonly string[]): Promise<SafetensorsFile> {
  const file = await openFile(path, 'a .safetensors file');
  try {
    const { size } = await file.stat();
    const length =
      size < 8 ? -1 : Number(new DataView((await readBytes(file, path, 0, 8)).buffer).getBigUint64(0, true));
    if (length < 2 || length > Math.min(size - 8, MAX_HEADER))
      throw new FeaturesError('UNSUPPORTED', {
        where: path,
        expected: 'a .safetensors file',
        got: `${size} bytes that do not start as one`,
        advice: 'save it with safetensors.numpy.save_file',
        details: { path },
      });
    const header = new TextDecoder().decode(await readBytes(file, path, 8, length));
    const { entries, metadata } = parseHeader(header, path);
    const tensors: Record<string, NumericArray> = {};
    for (const name of names ?? entries.keys()) {
      const entry = entries.get(name);
      if (!entry)
        throw new FeaturesError('INVALID_OPTION', {
          where: path,
          expected: `a tensor '${name}'`,
          got: `only ${[...entries.keys()].join(', ') || 'none'}`,
          advice: 'name one of these',
          details: { path, name, names: [...entries.keys()] },
        });
      const { type, widen } = typeOf(entry, name, path);
      const [start, end] = checkedOffsets(
        entry,
        name,
        path,
        widen ? 2 : bytesPerElement(type),
        size - 8 - length,
      );
      const bytes = await readBytes(file, path, 8 + length + start, end - start);
      tensors[name] = widen
        ? { type: 'float32', dims: entry.shape, data: fromBfloat16(bytes) }
        : asArray(type, entry.shape, bytes);
    }
    return { tensors, metadata };
  } finally {
    await file.close();
  }
}

/** Writes tensors as `.safetensors`, under a temporary name first. */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, NumericArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  // Widest elements first, so that every tensor is aligned.
  const sorted = Object.entries(tensors).sort(
    ([, a], [, b]) => bytesPerElement(b.type) - bytesPerElement(a.type),
  );
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const [name, tensor] of sorted) {
    const end = offset + tensor.data.byteLength;
    header[name] = {
      dtype: nameOfType(tensor.type, 'safetensors'),
      shape: tensor.dims,
      data_offsets: [offset, end],
    };
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  head.set(text, 8);
  await writeWholeFile(path, [head, ...sorted.map(([, tensor]) => asBytes(tensor))]);
}

/** The format's own limit. */
const MAX_HEADER = 100_000_000;

/** @throws FeaturesError CORRUPT_FILE */
function parseHeader(text: string, path: string): { entries: Map<string, Entry>; metadata: Metadata } {
  try {
    const { __metadata__: metadata, ...entries } = JSON.parse(text);
    const all = new Map<string, Entry>(Object.entries(entries));
    if ([...all.values()].every(isEntry)) return { entries: all, metadata: metadata ?? {} };
  } catch {}
  throw new FeaturesError('CORRUPT_FILE', {
    where: path,
    expected: 'a JSON header of tensors, each with dtype, shape and data_offsets',
    got: 'another',
    advice: 'save it again',
    details: { path },
  });
}

function isEntry(value: unknown): value is Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Entry>;
  const areSizes = (list: unknown) =>
    Array.isArray(list) && list.every(size => Number.isSafeInteger(size) && size >= 0);
  return typeof dtype === 'string' && areSizes(shape) && areSizes(offsets) && offsets?.length === 2;
}

function typeOf({ dtype }: Entry, name: string, path: string): { type: ArrayType; widen: boolean } {
  if (dtype === 'BF16') return { type: 'float32', widen: true };
  const type = typeOfName(dtype, 'safetensors');
  if (type) return { type, widen: false };
  throw new FeaturesError('UNSUPPORTED', {
    where: `${path}: tensor '${name}'`,
    expected: `an element type of ${namesOfTypes('safetensors').join(', ')} or BF16`,
    got: dtype,
    advice: 'save it as float32',
    details: { path, name, dtype },
  });
}

function checkedOffsets(
  { shape, data_offsets }: Entry,
  name: string,
  path: string,
  width: number,
  available: number,
): readonly [number, number] {
  const [start, end] = data_offsets;
  if (end <= available && end - start === elementCount(shape) * width) return data_offsets;
  throw new FeaturesError('CORRUPT_FILE', {
    where: `${path}: tensor '${name}'`,
    expected: `${elementCount(shape) * width} bytes within the file`,
    got: `${start} … ${end} of ${available}`,
    advice: 'the file is damaged: save it again',
    details: { path, name, offsets: data_offsets },
  });
}

function fromBfloat16(bytes: Uint8Array): Float32Array {
  const bits = new Uint32Array(bytes.length / 2);
  for (let i = 0; i < bits.length; i++) bits[i] = ((bytes[2 * i]! | (bytes[2 * i + 1]! << 8)) << 16) >>> 0;
  return new Float32Array(bits.buffer);
}
