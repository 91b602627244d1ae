import { mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../errors.ts';

/**
 * Finds out before any work whether a command could write into a folder, which may not exist yet; leaves nothing there.
 *
 * @throws UsageError where a file is in the way or the nearest folder that exists cannot be written into
 */
export async function requireWritableFolder(folder: string, option = '--out'): Promise<void> {
  const where = `${option} ${folder}`;
  let existing = folder;
  let found = await statOrNothing(existing);
  while (found === undefined && dirname(existing) !== existing) {
    existing = dirname(existing);
    found = await statOrNothing(existing);
  }
  if (found !== undefined && !found.isDirectory()) {
    throw new UsageError(`${where}: expected a folder, got the file ${existing}; choose another path`);
  }
  try {
    // By trying: permission bits say nothing about root, quotas and read-only file systems.
    await rmdir(await mkdtemp(join(existing, '.ood-')));
  } catch (error) {
    throw new UsageError(
      `${where}: expected a folder that can be written into, got ${(error as NodeJS.ErrnoException).code} in ${existing}; choose another path`,
    );
  }
}

async function statOrNothing(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
