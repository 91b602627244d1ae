import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWholeFile } from '@ood/core/node';
import { atPath } from '../bytes/file-error.ts';
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

/** The pins of a data folder. @throws DatasetError `CORRUPT_FILE` where they are unreadable or from a newer version. */
export async function readPins(folder: string): Promise<Pins> {
  const path = join(folder, FILE);
  const text = await atPath(path, 'the record of checksums', () =>
    readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }),
  );
  if (text === undefined) return {};
  const record = parse(text);
  if (record?.formatVersion === FORMAT_VERSION && typeof record.files === 'object' && record.files !== null) {
    return record.files as Pins;
  }
  const newer = typeof record?.formatVersion === 'number' && record.formatVersion > FORMAT_VERSION;
  throw new DatasetError(newer ? 'NEWER_VERSION' : 'CORRUPT_FILE', {
    where: path,
    expected: `checksums of format version ${FORMAT_VERSION}`,
    got: newer ? `version ${record.formatVersion}, of a newer release` : 'something else',
    advice: newer ? 'update this package' : 'delete the file only if you trust the data beside it',
  });
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
