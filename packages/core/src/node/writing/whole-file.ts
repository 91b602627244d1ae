import { type FileHandle, link, open, realpath, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CoreError } from '../../errors/core-error.ts';
import { flushFolder } from './flush.ts';
import { makeFolder } from './make-folder.ts';
import { removeLeftovers, temporaryPath } from './temporary-path.ts';
import { requireWritableTarget } from './writable-target.ts';
import { type WriteErrorOptions, writeError } from './write-error.ts';

export interface WholeFileOptions extends WriteErrorOptions {
  /** Whether a file that is there is replaced; false never touches it. Default: true. */
  readonly overwrite?: boolean;
}

/** What a file is written from: all of it, or parts one after the other. */
export type FileContent =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

/** A file in the making, under a name that nobody else uses. One of `commit` and `discard` must follow. */
export interface WholeFile {
  /** Where it will be. */
  readonly path: string;
  /** Where it is until then: to look at what was written before it counts. */
  readonly temporary: string;
  /** Bytes written so far. */
  readonly bytesWritten: number;
  /** Appends; await each before the next. @throws CoreError `DISK_FULL` and other refusals of the system. */
  write(part: string | Uint8Array): Promise<void>;
  /** Flushes and gives the file its name. @throws CoreError as `writeWholeFile`; the file in the making is then gone. */
  commit(): Promise<void>;
  /** Removes it. Nothing after `commit`, and the second time. */
  discard(): Promise<void>;
}

/**
 * Writes a file that is never found half-written: under a temporary name of this writer's own, flushed to the disk, then renamed.
 * Folders that are missing are made. Where it fails, a file that was there is as it was. What writers that were killed left of
 * the same file is removed.
 *
 * @throws CoreError `NOT_A_FILE` (a folder or device is there), `FILE_EXISTS` (without `overwrite`), `DISK_FULL`,
 *   `PERMISSION_DENIED`, `WRITE_FAILED` and other refusals of the system; what `content` throws
 */
export async function writeWholeFile(
  path: string,
  content: FileContent,
  options: WholeFileOptions = {},
): Promise<void> {
  const file = await createWholeFile(path, options);
  try {
    if (typeof content === 'string' || content instanceof Uint8Array) await file.write(content);
    else for await (const part of content) await file.write(part);
    await file.commit();
  } finally {
    await file.discard();
  }
}

/** Begins a file that is written bit by bit, as `writeWholeFile` does. @throws CoreError as `writeWholeFile`. */
export async function createWholeFile(path: string, options: WholeFileOptions = {}): Promise<WholeFile> {
  const { overwrite = true } = options;
  await requireWritableTarget(path, { overwrite, ...options });
  // Through a link to its target: renaming would replace the link.
  const target = await realpath(path).catch(() => path);
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw writeError(cause, path, options);
    }
  };
  const temporary = temporaryPath(target);
  const handle = await attempt(async () => {
    await makeFolder(dirname(target));
    await removeLeftovers(target);
    return open(temporary, 'wx');
  });
  let state: 'open' | 'ended' = 'open';
  let bytesWritten = 0;
  const discard = async () => {
    if (state === 'ended') return;
    state = 'ended';
    await handle.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
  };
  const requireOpen = () => {
    if (state === 'ended') throw ended(path);
  };
  return {
    path,
    temporary,
    get bytesWritten() {
      return bytesWritten;
    },
    async write(part) {
      requireOpen();
      const bytes = typeof part === 'string' ? new TextEncoder().encode(part) : part;
      await attempt(() => writeAll(handle, bytes));
      bytesWritten += bytes.length;
    },
    async commit() {
      requireOpen();
      try {
        await attempt(async () => {
          await keepMode(handle, target);
          await handle.sync();
          await handle.close();
          if (overwrite) await rename(temporary, target);
          else await renameToFree(temporary, target);
          state = 'ended';
          await flushFolder(dirname(target));
        });
      } finally {
        await discard();
      }
    },
    discard,
  };
}

/** Longer writes are refused by the runtime. */
const LONGEST_WRITE = 2 ** 30;

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, Math.min(bytes.length - done, LONGEST_WRITE));
    done += bytesWritten;
  }
}

/** A file that replaces another may be read and written by the same people. */
async function keepMode(handle: FileHandle, target: string): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found !== undefined) await handle.chmod(found.mode & 0o777).catch(() => undefined);
}

/** Gives a file a name that nobody has; `EEXIST` where somebody does. */
async function renameToFree(from: string, to: string): Promise<void> {
  try {
    // A second name, which the system gives only if it is free.
    await link(from, to);
    await unlink(from);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOSPC' || code === 'EDQUOT' || code === 'ENOENT') throw error;
    // A file system without second names: take the name first, with an empty file.
    await (await open(to, 'wx')).close();
    await rename(from, to);
  }
}

function ended(path: string): CoreError {
  return new CoreError('CLOSED', {
    where: path,
    expected: 'a file that is still being written',
    got: 'one that was committed or discarded',
    advice: 'create it again',
  });
}
