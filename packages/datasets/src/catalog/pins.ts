import { join } from 'node:path';
import { isOodError } from '@ood/core';
import { readPlainFile, writeWholeFile } from '@ood/core/node';
import type { Checksums } from '../download/checksum.ts';
import { DatasetError } from '../errors.ts';

const FORMAT_VERSION = 1;
const FILE = 'checksums.json';

/** What was found when a file was verified last. */
export interface Pin extends Checksums {
  /** `catalog`: compared with a published checksum. `first use`: none was known, this is what came first. */
  readonly origin: 'catalog' | 'first use';
  /** The file's modification time then: while it stays, the content need not be read again. */
  readonly mtimeMs: number;
}

export type Pins = Readonly<Record<string, Pin>>;

/** Longest record that is read. */
const MAX_BYTES = 2 ** 24;

/** The pins of a data folder. @throws DatasetError `CORRUPT_FILE`, `NEWER_VERSION`; CoreError of the file system. */
export async function readPins(folder: string): Promise<Pins> {
  const path = join(folder, FILE);
  let bytes: Uint8Array;
  try {
    bytes = await readPlainFile(path, { what: 'the record of checksums', maxBytes: MAX_BYTES });
  } catch (error) {
    if (isOodError(error, 'FILE_NOT_FOUND')) return {};
    throw error;
  }
  const record = parse(new TextDecoder().decode(bytes));
  const newer = typeof record?.formatVersion === 'number' && record.formatVersion > FORMAT_VERSION;
  const refuse = (got: string) =>
    new DatasetError(newer ? 'NEWER_VERSION' : 'CORRUPT_FILE', {
      where: path,
      expected: `checksums of format version ${FORMAT_VERSION}`,
      got,
      advice: newer ? 'update this package' : 'delete the file only if you trust the data beside it',
    });
  if (newer) throw refuse(`version ${record?.formatVersion}, of a newer release`);
  const files = record?.files;
  if (record?.formatVersion !== FORMAT_VERSION || typeof files !== 'object' || files === null)
    throw refuse('something else');
  const wrong = Object.entries(files).find(([, pin]) => !isPin(pin));
  if (wrong !== undefined) throw refuse(`something else for ${JSON.stringify(wrong[0])}`);
  return files as Pins;
}

/** What is taken for a checksum decides which files are trusted. */
function isPin(value: unknown): value is Pin {
  const { bytes, md5, sha256, origin, mtimeMs } = (value ?? {}) as Partial<Record<keyof Pin, unknown>>;
  return (
    Number.isSafeInteger(bytes) &&
    /^[0-9a-f]{32}$/.test(String(md5)) &&
    /^[0-9a-f]{64}$/.test(String(sha256)) &&
    typeof origin === 'string' &&
    Number.isFinite(mtimeMs)
  );
}

/** Writes the pins of a data folder, whole or not at all. @throws CoreError as `writeWholeFile`. */
export function writePins(folder: string, files: Pins): Promise<void> {
  const text = `${JSON.stringify({ formatVersion: FORMAT_VERSION, files }, null, 2)}\n`;
  return writeWholeFile(join(folder, FILE), text, { expected: 'a folder to write in' });
}

function parse(text: string): { readonly formatVersion?: unknown; readonly files?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
