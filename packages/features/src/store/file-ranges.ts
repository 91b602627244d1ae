import type { FileHandle } from 'node:fs/promises';
import { type ByteRanges, systemError } from '@ood/core';
import { writeError } from '@ood/core/node';
import { FeaturesError } from '../errors.ts';

/** The bytes of a file that is open for writing too. `read` throws CORRUPT_FILE where the file is shorter. */
export async function rangesOf(file: FileHandle, path: string): Promise<ByteRanges> {
  const { size } = await file.stat();
  return { size, read: (start, length) => readBytes(file, path, start, length) };
}

async function readBytes(
  file: FileHandle,
  path: string,
  position: number,
  length: number,
): Promise<Uint8Array> {
  try {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await file.read(bytes, done, Math.min(length - done, MAX_READ), position + done);
      if (bytesRead === 0) throw shorter(path, { position, length, got: done });
      done += bytesRead;
    }
    return bytes;
  } catch (cause) {
    throw systemError(cause, { where: path, expected: 'to read a feature store' });
  }
}

/** Writes all parts from `position` on. @throws CoreError DISK_FULL and other refusals of the system */
export async function writeBytes(
  file: FileHandle,
  path: string,
  parts: readonly Uint8Array[],
  position: number,
): Promise<void> {
  let rest = parts.filter(part => part.length > 0);
  let at = position;
  try {
    while (rest.length > 0) {
      const { bytesWritten } = await file.writev(rest.slice(0, MAX_PARTS), at);
      at += bytesWritten;
      rest = dropBytes(rest, bytesWritten);
    }
  } catch (cause) {
    throw storeWriteError(cause, path);
  }
}

/** What a failed write, sync or rename of a store means. */
export function storeWriteError(cause: unknown, path: string): unknown {
  return writeError(cause, path, {
    expected: 'to write a feature store',
    retry: 'run the same extraction again: it goes on from the last complete batch',
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

function shorter(path: string, at: { position: number; length: number; got: number }): FeaturesError {
  return new FeaturesError('CORRUPT_FILE', {
    where: path,
    expected: `${at.length} bytes from ${at.position}`,
    got: `only ${at.got}`,
    advice: 'restore the file or extract it again',
    details: { path, ...at },
  });
}
