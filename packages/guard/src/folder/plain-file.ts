import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemError } from '@ood/core';
import { openPlainFile, type PlainFile } from '@ood/core/node';
import { corrupt } from './folder-errors.ts';

/** Bytes that are hashed at a time. */
const CHUNK = 1 << 20;

/** The text of a small file. @throws GuardError `CORRUPT_FILE` unless it is a plain file of at most `limit` bytes */
export async function readPlainText(folder: string, file: string, limit: number): Promise<string> {
  return using(folder, file, async ({ size, read }) => {
    if (size > limit) throw corrupt(folder, `at most ${limit} bytes in ${file}`, `${size}`);
    return new TextDecoder().decode(await read(0, size));
  });
}

/** SHA-256 of a file, hex. @throws GuardError `CORRUPT_FILE` unless it is a plain file */
export async function hashPlainFile(folder: string, file: string): Promise<string> {
  return using(folder, file, async ({ size, read }) => {
    const hash = createHash('sha256');
    for (let at = 0; at < size; at += CHUNK) hash.update(await read(at, Math.min(CHUNK, size - at)));
    return hash.digest('hex');
  });
}

/** Opens a file of a guard: a plain file inside the folder, no link, pipe or device. */
async function using<T>(folder: string, file: string, use: (opened: PlainFile) => Promise<T>): Promise<T> {
  await requirePlain(folder, file);
  const opened = await openPlainFile(join(folder, file), { what: `to read ${file} of a guard` });
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}

async function requirePlain(folder: string, file: string): Promise<void> {
  const refuse = (got: string) => corrupt(folder, `a plain file ${file}`, got);
  const parts = file.split('/');
  for (const depth of parts.keys()) {
    const path = join(folder, ...parts.slice(0, depth + 1));
    const entry = await lstat(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') throw refuse('no such file');
      throw systemError(cause, { where: path, expected: `to read ${file} of a guard` });
    });
    const isRight = depth === parts.length - 1 ? entry.isFile() : entry.isDirectory();
    if (!isRight) throw refuse(entry.isSymbolicLink() ? 'a link' : 'something else');
  }
}
