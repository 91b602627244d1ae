import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Progress } from '@ood/core';
import type { BytesInput } from '../bytes/byte-source.ts';
import { atPath } from '../bytes/file-error.ts';
import { DatasetError } from '../errors.ts';
import { archiveError } from './errors.ts';
import type { ArchiveLimits } from './limits.ts';
import { openArchive } from './open-archive.ts';

export interface ExtractOptions extends ArchiveLimits {
  /** Which entries. Default: all. */
  readonly include?: (name: string) => boolean;
  readonly signal?: AbortSignal;
  /** Called for each file written; the stage is `'extract'`. */
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Unpacks an archive into a folder that does not exist yet: into a temporary folder beside it, renamed at the end, so
 * that it is there whole or not at all. Only plain files are written, never links, modes or owners.
 *
 * @returns the number of files.
 * @throws DatasetError before anything is written where a name is unsafe, or two differ in upper and lower case only;
 *   DatasetError `FILE_EXISTS`, before anything is read.
 */
export async function extractArchive(
  input: BytesInput,
  target: string,
  options: ExtractOptions = {},
): Promise<number> {
  const { include = () => true, signal, onProgress } = options;
  const folder = resolve(target);
  await requireFree(folder);
  const archive = await openArchive(input, options);
  const folded = new Map<string, string>();
  let total = 0;
  for (const { name } of archive.entries) {
    if (!include(name)) continue;
    total += 1;
    refuseCollision(archive.name, name, folded);
  }
  await atPath(dirname(folder), 'a folder to write in', () => mkdir(dirname(folder), { recursive: true }));
  const temporary = await mkdtemp(join(dirname(folder), `.${basename(folder)}.incomplete-`));
  try {
    let done = 0;
    for await (const { index, bytes } of archive.stream(i => include(archive.entries[i]!.name))) {
      signal?.throwIfAborted();
      const path = join(temporary, archive.entries[index]!.name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes, { flag: 'wx' });
      done += 1;
      onProgress?.({ stage: 'extract', done, total });
    }
    await renameNew(temporary, folder);
    return done;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** File systems that ignore case would let one entry overwrite another, or a file stand where a folder must be. */
function refuseCollision(archive: string, name: string, folded: Map<string, string>): void {
  const lower = name.toLowerCase();
  const parts = lower.split('/');
  const clash =
    folded.get(lower) ?? parts.map((_, i) => folded.get(parts.slice(0, i).join('/'))).find(Boolean);
  if (clash !== undefined) {
    throw archiveError('UNSAFE_ENTRY', {
      archive,
      entry: name,
      expected: 'names that differ on every file system',
      got: `a clash with ${JSON.stringify(clash)}`,
      advice: 'read the archive in place instead',
    });
  }
  folded.set(lower, name);
}

/** Before the work, not only after it: an archive may take an hour. */
async function requireFree(folder: string): Promise<void> {
  const held = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    // A file on the way there is told by what makes the folder.
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  if (held.length > 0) throw targetExists(folder);
}

async function renameNew(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    throw targetExists(to, error);
  }
}

function targetExists(folder: string, cause?: unknown): DatasetError {
  return new DatasetError('FILE_EXISTS', {
    where: folder,
    expected: 'no such folder yet',
    got: 'one with files',
    advice: 'delete it or give another',
    cause,
  });
}
