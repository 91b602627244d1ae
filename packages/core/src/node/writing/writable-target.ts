import { mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CoreError } from '../../errors/core-error.ts';
import { kindOfFile } from '../reading/kind-of-file.ts';
import { writeError } from './write-error.ts';

export interface WritableFileOptions {
  /** Whether a file that is there may be replaced. Default: true. */
  readonly overwrite?: boolean | undefined;
  /** What the path is called in messages, e.g. `--out a.guard`. Default: the path. */
  readonly where?: string | undefined;
  /** As in `expected …`. */
  readonly expected?: string | undefined;
}

/**
 * Finds out before any work whether a file could be written; leaves nothing there.
 *
 * @throws CoreError `NOT_A_FILE`, `FILE_EXISTS`, and as `requireWritableFolder` for its folder
 */
export async function requireWritableFile(path: string, options: WritableFileOptions = {}): Promise<void> {
  await requireWritableTarget(path, options);
  const { where = path } = options;
  await requireWritableFolder(dirname(resolve(path)), { where });
}

/**
 * Finds out before any work whether a folder, which may not exist yet, could be written into; leaves nothing there.
 *
 * @throws CoreError `NOT_A_FOLDER` where a file is in the way, `PERMISSION_DENIED`, `DISK_FULL` and other refusals of the system
 */
export async function requireWritableFolder(
  folder: string,
  { where = folder }: Pick<WritableFileOptions, 'where'> = {},
): Promise<void> {
  let existing = resolve(folder);
  let found = await statOrNothing(existing, where);
  while (found === undefined && dirname(existing) !== existing) {
    existing = dirname(existing);
    found = await statOrNothing(existing, where);
  }
  if (found !== undefined && !found.isDirectory())
    throw new CoreError('NOT_A_FOLDER', {
      where,
      expected: 'a folder',
      got: `${kindOfFile(found)} ${existing}`,
      advice: 'choose another path',
      details: { path: existing },
    });
  try {
    // By trying: permission bits say nothing about root, quotas and read-only file systems.
    await rmdir(await mkdtemp(join(existing, '.ood-')));
  } catch (cause) {
    throw writeError(cause, where, { expected: 'a folder that can be written into' });
  }
}

/** Refuses a path at which a file cannot be, or must not be replaced. */
export async function requireWritableTarget(
  path: string,
  { overwrite = true, where = path, expected = 'the path of a file' }: WritableFileOptions,
): Promise<void> {
  const found = await statOrNothing(path, where);
  if (found === undefined) return;
  if (!found.isFile())
    throw new CoreError('NOT_A_FILE', {
      where,
      expected,
      got: kindOfFile(found),
      advice: 'choose another path',
      details: { path },
    });
  if (!overwrite)
    throw new CoreError('FILE_EXISTS', {
      where,
      expected: 'a path where nothing is yet',
      got: 'a file',
      advice: 'choose another path',
      details: { path },
    });
}

async function statOrNothing(path: string, where: string) {
  try {
    return await stat(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw writeError(cause, where);
  }
}
