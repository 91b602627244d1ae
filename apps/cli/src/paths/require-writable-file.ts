import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../errors.ts';
import { requireWritableFolder } from './require-writable-folder.ts';

/** What a command writes, and how to know a file that it wrote before. */
export interface OwnKind {
  /** As in `expected …`. */
  readonly what: string;
  isOne(path: string): Promise<boolean>;
}

/**
 * Finds out before any work whether a command could write a file. One that is there already is replaced only if it is empty
 * or of the command's own kind: a model or a photograph named by mistake must survive.
 *
 * @throws UsageError where something else is in the way, or the file's folder cannot be written into
 */
export async function requireWritableFile(path: string, own: OwnKind): Promise<void> {
  const option = '--out';
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) {
    const got = found.isDirectory() ? 'a folder' : 'a device or pipe';
    throw new UsageError(
      `${option} ${path}: expected the path of a file, got that of ${got}; choose another path`,
    );
  }
  if (found !== undefined && found.size > 0 && !(await own.isOne(path).catch(() => false))) {
    throw new UsageError(
      `${option} ${path}: expected a path where nothing is yet, or ${own.what} to replace, got another file; choose another path`,
    );
  }
  await requireWritableFolder(dirname(path), option);
}
