import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CoreError, systemError } from '@ood/core';
import type { Io } from '../io.ts';

/** The path that a word of the command line names. @throws CoreError where nothing is there, or may be looked at */
export async function requirePath(word: string, io: Io, what: string): Promise<string> {
  const path = resolve(io.cwd, word);
  await stat(path).catch((cause: unknown) => {
    throw systemError(cause, { where: word, expected: what });
  });
  return path;
}

/**
 * The path of the plain file that a word of the command line names.
 *
 * @throws CoreError `NOT_A_FILE` where a folder, device, pipe or socket is there, `FILE_NOT_FOUND` where nothing is
 */
export async function requireFile(
  word: string,
  io: Io,
  what: string,
  advice = 'give the path of the file itself',
): Promise<string> {
  const path = await requirePath(word, io, what);
  const found = await stat(path);
  if (found.isFile()) return path;
  const got = found.isDirectory() ? 'a folder' : 'a device, pipe or socket';
  throw new CoreError('NOT_A_FILE', { where: word, expected: what, got, advice });
}
