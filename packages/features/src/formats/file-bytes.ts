import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FeaturesError } from '../errors.ts';

/** `length` bytes from `position`, in memory of their own. @throws FeaturesError CORRUPT_FILE if the file is shorter */
export async function readBytes(
  file: FileHandle,
  path: string,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, Math.min(length - done, MAX_READ), position + done);
    if (bytesRead === 0)
      throw new FeaturesError('CORRUPT_FILE', {
        where: path,
        expected: `${length} bytes from ${position}`,
        got: `only ${done}`,
        advice: 'restore the file or extract it again',
        details: { path, position, length },
      });
    done += bytesRead;
  }
  return new Uint8Array(bytes.buffer, 0, length);
}

/**
 * Writes all parts from `position` on.
 *
 * @throws FeaturesError DISK_FULL if there is no room (disk, quota or file size limit), else WRITE_FAILED
 */
export async function writeBytes(
  file: FileHandle,
  path: string,
  parts: readonly Uint8Array[],
  position: number,
): Promise<void> {
  try {
    await writeParts(file, parts, position);
  } catch (cause) {
    throw writeError(cause, path);
  }
}

async function writeParts(file: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  let rest = parts.filter(part => part.length > 0);
  let at = position;
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest.slice(0, MAX_PARTS), at);
    at += bytesWritten;
    rest = dropBytes(rest, bytesWritten);
  }
}

/** Writes a whole file: to `<path>.incomplete` first, renamed when it is safely on disk. @throws as `writeBytes` */
export async function writeWholeFile(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.incomplete`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'w');
    try {
      await writeParts(file, parts, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(cause, path, 'free space and write it again');
  }
}

/** Opens a file for reading. @throws FeaturesError FILE_NOT_FOUND */
export async function openFile(path: string, what: string): Promise<FileHandle> {
  return open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new FeaturesError('FILE_NOT_FOUND', {
      where: path,
      expected: what,
      got: `no readable file (${cause.code})`,
      advice: 'check the path',
      details: { path, errno: cause.code },
      cause,
    });
  });
}

/** What a failed write, sync or rename means. */
export function writeError(
  cause: unknown,
  path: string,
  advice = 'free space and run the same extraction again: it goes on from the last complete batch',
): FeaturesError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code))
    return new FeaturesError('DISK_FULL', {
      where: path,
      expected: 'room to write',
      got: `${code}`,
      advice: advice,
      details: { path, errno: code },
      cause,
    });
  return new FeaturesError('WRITE_FAILED', {
    where: path,
    expected: 'to write',
    got: `${code}`,
    advice: 'check the folder and its permissions',
    details: { path, errno: code },
    cause,
  });
}

/** Longer reads are refused by the runtime. */
const MAX_READ = 2 ** 30;
/** Beyond this many parts at once the system call fails. */
const MAX_PARTS = 1024;

function dropBytes(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  let first = 0;
  while (first < parts.length && left >= parts[first]!.length) left -= parts[first++]!.length;
  const rest = parts.slice(first);
  if (left > 0) rest[0] = rest[0]!.subarray(left);
  return rest;
}
