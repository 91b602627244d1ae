import { stat } from 'node:fs/promises';
import { CoreError } from '@ood/core';
import { requireWritableFile } from '@ood/core/node';

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
 * @throws CoreError as `requireWritableFile` of core; `FILE_EXISTS` where a file of another kind is in the way
 */
export async function requireOwnFile(path: string, own: OwnKind): Promise<void> {
  const where = `--out ${path}`;
  await requireWritableFile(path, { where });
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size === 0 || (await own.isOne(path).catch(() => false))) return;
  throw new CoreError('FILE_EXISTS', {
    where,
    expected: `a path where nothing is yet, or ${own.what} to replace`,
    got: 'another file',
    advice: 'choose another path',
  });
}
