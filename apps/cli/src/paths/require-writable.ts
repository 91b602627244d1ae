import { mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemError } from '@ood/core';
import { CliError } from '../errors.ts';

/** What a command writes, and how to know a file that it wrote before. */
export interface OwnKind {
  /** As in `expected …`. */
  readonly what: string;
  isOne(path: string): Promise<boolean>;
}

const ADVICE = 'choose another path';

/**
 * Finds out before any work whether a command could write a file. One that is there already is replaced only if it is empty
 * or of the command's own kind: a model or a photograph named by mistake must survive.
 *
 * @throws CliError `NOT_A_FILE`, `FILE_EXISTS` where something else is in the way; as `requireWritableFolder` for the file's folder
 */
export async function requireWritableFile(path: string, own: OwnKind): Promise<void> {
  const option = '--out';
  const where = `${option} ${path}`;
  const found = await statOrNothing(path, where);
  if (found !== undefined && !found.isFile()) {
    const got = found.isDirectory() ? 'that of a folder' : 'that of a device or pipe';
    throw new CliError('NOT_A_FILE', { where, expected: 'the path of a file', got, advice: ADVICE });
  }
  if (found !== undefined && found.size > 0 && !(await own.isOne(path).catch(() => false))) {
    const expected = `a path where nothing is yet, or ${own.what} to replace`;
    throw new CliError('FILE_EXISTS', { where, expected, got: 'another file', advice: ADVICE });
  }
  await requireWritableFolder(dirname(path), option);
}

/**
 * Finds out before any work whether a command could write into a folder, which may not exist yet; leaves nothing there.
 *
 * @throws CliError `NOT_A_FOLDER` where a file is in the way; CoreError where the nearest folder that exists refuses to be written into
 */
export async function requireWritableFolder(folder: string, option = '--out'): Promise<void> {
  const where = `${option} ${folder}`;
  let existing = folder;
  let found = await statOrNothing(existing, where);
  while (found === undefined && dirname(existing) !== existing) {
    existing = dirname(existing);
    found = await statOrNothing(existing, where);
  }
  if (found !== undefined && !found.isDirectory())
    throw new CliError('NOT_A_FOLDER', {
      where,
      expected: 'a folder',
      got: `the file ${existing}`,
      advice: ADVICE,
    });
  try {
    // By trying: permission bits say nothing about root, quotas and read-only file systems.
    await rmdir(await mkdtemp(join(existing, '.ood-')));
  } catch (cause) {
    throw systemError(cause, { where, expected: `to write into ${existing}`, advice: ADVICE });
  }
}

async function statOrNothing(path: string, where: string) {
  try {
    return await stat(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw systemError(cause, { where, expected: 'a path to write to' });
  }
}
