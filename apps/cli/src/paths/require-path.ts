import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Io } from '../io.ts';

/** The path that a word of the command line names. @throws UsageError where nothing is there */
export async function requirePath(word: string, io: Io, what: string): Promise<string> {
  const path = resolve(io.cwd, word);
  if (await stat(path).catch(() => undefined)) return path;
  throw new UsageError(`${word}: expected ${what}, got no such path; check it for typing errors`);
}

/** The path of the file that a word of the command line names. @throws UsageError where nothing, or a folder, is there */
export async function requireFile(
  word: string,
  io: Io,
  what: string,
  advice = 'give the path of the file itself',
): Promise<string> {
  const path = await requirePath(word, io, what);
  if (!(await stat(path)).isDirectory()) return path;
  throw new UsageError(`${word}: expected ${what}, got a folder; ${advice}`);
}
