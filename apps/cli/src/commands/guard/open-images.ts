import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Samples } from '@ood/datasets';
import { UsageError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { openSamples } from '../datasets/open-samples.ts';
import { refusingUnreadable } from './refusing-unreadable.ts';

/**
 * The images that a word of the command line names: a folder (of which files that cannot be read are refused like those
 * that do not decode), an archive (tar, tar.gz, zip), `glyphs:SPLIT`, or `NAME:SPLIT` of the catalogue.
 *
 * @throws UsageError for what is not there
 */
export async function openImages(
  word: string,
  io: Io,
): Promise<Samples & { readonly classes?: readonly string[] }> {
  await requirePath(word, io, 'a folder or archive of images', word.includes(':'));
  return refusingUnreadable(await openSamples(word, io, { signal: io.signal }), io);
}

/** @throws UsageError where nothing is at the path, unless `optional` */
export async function requirePath(word: string, io: Io, what: string, optional = false): Promise<string> {
  const path = resolve(io.cwd, word);
  if (optional || (await stat(path).catch(() => undefined))) return path;
  throw new UsageError(`${word}: expected ${what}, got no such path; check it for typing errors`);
}

/** @throws UsageError where nothing, or a folder, is at the path */
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
