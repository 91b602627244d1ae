import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CoreError } from '../../errors/core-error.ts';
import { discardStaleLock, withLock } from '../locking/lock.ts';
import { kindOfFile } from '../reading/kind-of-file.ts';
import { flushFolder, flushTree } from './flush.ts';
import { makeFolder } from './make-folder.ts';
import { removeLeftovers, temporaryPath } from './temporary-path.ts';
import { type WriteErrorOptions, writeError } from './write-error.ts';

export interface WholeFolderOptions extends WriteErrorOptions {
  /** Whether a folder that is there, with all that is in it, is replaced. An empty one always is. Default: false. */
  readonly replace?: boolean;
}

/**
 * Writes a folder whole or not at all: `fill` writes into one of a temporary name of this writer's own, which is flushed to the
 * disk and then gets its name. Replacing moves the old one aside first: a process killed between the two moves leaves it there,
 * and `recoverWholeFolder`, or the next `writeWholeFolder`, puts it back.
 *
 * @param fill writes the files of the folder that it is handed
 * @returns what `fill` returns
 * @throws CoreError `FILE_EXISTS` (without `replace`), `NOT_A_FOLDER` (a file is there), `DISK_FULL` and other refusals of the
 *   system; what `fill` throws
 */
export async function writeWholeFolder<Result>(
  path: string,
  fill: (folder: string) => Promise<Result>,
  options: WholeFolderOptions = {},
): Promise<Result> {
  const { replace = false } = options;
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw writeError(cause, path, options);
    }
  };
  // Through a link to its target: renaming would replace the link.
  const target = await realpath(path).catch(() => resolve(path));
  await recoverWholeFolder(target);
  await attempt(() => requireFree(target, path, replace));
  const temporary = temporaryPath(target);
  await attempt(async () => {
    await makeFolder(dirname(target));
    await removeLeftovers(target);
    await mkdir(temporary);
  });
  try {
    const result = await fill(temporary);
    await attempt(async () => {
      await flushTree(temporary);
      if (replace) await withLock(lockOf(target), () => exchange(target, temporary));
      else await rename(temporary, target).catch(error => refuseTaken(error, path));
      await flushFolder(dirname(target));
    });
    return result;
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * Puts a folder back that a killed `writeWholeFolder` had moved aside, and removes one that it had replaced, and the lock that it
 * held. Does nothing, at the cost of two looks, where there is none: call it before opening such a folder.
 *
 * @throws CoreError refusals of the system
 */
export async function recoverWholeFolder(path: string): Promise<void> {
  const target = resolve(path);
  try {
    if ((await found(asideOf(target))) === undefined) {
      // Where that is not allowed, it harms nobody who only reads.
      await discardStaleLock(lockOf(target)).catch(() => undefined);
      return;
    }
    await withLock(lockOf(target), () => settle(target));
  } catch (cause) {
    throw writeError(cause, path, { expected: 'to put the folder back that was being replaced' });
  }
}

/** Under the lock: one of old and new is at `target` at the end. */
async function settle(target: string): Promise<void> {
  const aside = asideOf(target);
  if ((await found(aside)) === undefined) return;
  if ((await found(target)) === undefined) await rename(aside, target);
  else await rm(aside, { recursive: true, force: true });
}

/** Under the lock: the new folder takes the place of the old one. */
async function exchange(target: string, complete: string): Promise<void> {
  await settle(target);
  const aside = asideOf(target);
  const old = await found(target);
  if (old !== undefined) await rename(target, aside);
  try {
    await rename(complete, target);
  } catch (error) {
    if (old !== undefined) await rename(aside, target);
    throw error;
  }
  // The new one is in place: what is left of the old one, the next call removes.
  await rm(aside, { recursive: true, force: true }).catch(() => undefined);
}

async function requireFree(target: string, where: string, replace: boolean): Promise<void> {
  const there = await found(target);
  if (there === undefined) return;
  if (!there.isDirectory())
    throw new CoreError('NOT_A_FOLDER', {
      where,
      expected: 'a path where nothing is yet, or a folder',
      got: kindOfFile(there),
      advice: 'choose another path',
    });
  if (!replace && (await readdir(target)).length > 0) throw taken(where);
}

/** Renaming a folder onto another succeeds only where that one is empty. */
function refuseTaken(error: NodeJS.ErrnoException, where: string): never {
  throw error.code === 'ENOTEMPTY' || error.code === 'EEXIST' ? taken(where) : error;
}

function taken(where: string): CoreError {
  return new CoreError('FILE_EXISTS', {
    where,
    expected: 'a path where nothing is yet',
    got: 'a folder with files',
    advice: 'choose another path, or allow it to be replaced',
  });
}

async function found(path: string) {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

const asideOf = (target: string) => `${target}.ood-replaced`;
const lockOf = (target: string) => `${target}.ood-lock`;
