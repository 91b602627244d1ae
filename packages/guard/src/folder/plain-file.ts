import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemError } from '@ood/core';
import { corrupt } from './folder-errors.ts';

/** A file of a guard, opened: a plain file inside the folder, no link, pipe or device. */
async function openPlain(folder: string, file: string): Promise<FileHandle> {
  const refuse = (got: string) => corrupt(folder, `a plain file ${file}`, got);
  let path = folder;
  for (const part of file.split('/')) {
    path = join(path, part);
    const isLast = path === join(folder, file);
    const entry = await lstat(path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') throw refuse('no such file');
      throw systemError(cause, { where: path, expected: `to read ${file} of a guard` });
    });
    if (!isLast && !entry.isDirectory()) throw refuse('no folder in its path');
    if (isLast && !entry.isFile()) throw refuse(entry.isSymbolicLink() ? 'a link' : 'something else');
  }
  // Not blocking and not following: what lies there may have changed since it was looked at.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  const handle = await open(path, flags).catch((cause: unknown) => {
    throw systemError(cause, { where: path, expected: `to read ${file} of a guard` });
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw refuse('something else');
}

/** The text of a small file. @throws GuardError `CORRUPT_FILE` unless it is a plain file of at most `limit` bytes */
export async function readPlainText(folder: string, file: string, limit: number): Promise<string> {
  return using(folder, file, async handle => {
    const { size } = await handle.stat();
    if (size > limit) throw corrupt(folder, `at most ${limit} bytes in ${file}`, `${size}`);
    return (await handle.readFile()).toString('utf8');
  });
}

/** SHA-256 of a file, hex. @throws GuardError `CORRUPT_FILE` unless it is a plain file */
export async function hashPlainFile(folder: string, file: string): Promise<string> {
  return using(folder, file, async handle => {
    const hash = createHash('sha256');
    const stream = handle.createReadStream({ highWaterMark: 1 << 20, autoClose: false });
    for await (const chunk of stream) hash.update(chunk as Uint8Array);
    return hash.digest('hex');
  });
}

async function using<T>(folder: string, file: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await openPlain(folder, file);
  try {
    return await use(handle);
  } catch (cause) {
    throw systemError(cause, { where: join(folder, file), expected: `to read ${file} of a guard` });
  } finally {
    await handle.close();
  }
}
