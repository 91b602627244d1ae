import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../errors.ts';
import { requireWritableFolder } from './require-writable-folder.ts';

/**
 * Finds out before any work whether a command could write a file, which may be there already.
 *
 * @throws UsageError where a folder or a device is in the way, or its folder cannot be written into
 */
export async function requireWritableFile(path: string, option = '--out'): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) {
    const got = found.isDirectory() ? 'a folder' : 'a device or pipe';
    throw new UsageError(
      `${option} ${path}: expected the path of a file, got that of ${got}; choose another path`,
    );
  }
  await requireWritableFolder(dirname(path), option);
}
