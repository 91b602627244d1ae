import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  archiveImages,
  catalog,
  type Dataset,
  type EnsureOptions,
  glyphsDataset,
  imageFolder,
  openDataset,
  type Samples,
} from '@ood/datasets';
import type { Io } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import { type DatasetsContext, findEntry, openStore } from './find-entry.ts';

/**
 * The samples that a word of the command line names: a folder of images, an archive, `glyphs:SPLIT`, or `NAME:SPLIT` of
 * the catalog (downloaded where it is missing). What exists as a path is taken as one.
 */
export async function openSamples(
  word: string,
  io: Io,
  handlers: Pick<EnsureOptions, 'onProgress' | 'onWait' | 'signal'>,
  context: DatasetsContext = {},
): Promise<Samples> {
  const path = resolve(io.cwd, word);
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined) return there.isDirectory() ? imageFolder(path) : archiveImages(path);
  const expected = 'a folder, an archive or NAME:SPLIT of `ood datasets`';
  const advice = 'check it for typing errors';
  // A name has no slash, a split may: glyphs:ood/digits.
  if (/^([a-z]:|[^:]*)[/\\]/i.test(word))
    throw new CliError('FILE_NOT_FOUND', {
      where: word,
      expected,
      got: 'no such folder or archive',
      advice,
    });
  const [name = '', split] = word.split(':');
  const known = name === 'glyphs' || (context.entries ?? catalog).some(entry => entry.name === name);
  if (!known && split === undefined)
    throw new CliError('FILE_NOT_FOUND', { where: word, expected, got: 'no such path', advice });
  const dataset: Dataset =
    name === 'glyphs'
      ? await glyphsDataset()
      : openDataset(findEntry(name, context), { store: openStore(io), ...handlers });
  if (split !== undefined && dataset.splits.includes(split)) return dataset.open(split);
  throw new CliError('INVALID_OPTION', {
    where: word,
    expected: `a split, one of ${dataset.splits.map(one => `${name}:${one}`).join(', ')}`,
    got: split === undefined ? 'none' : `'${split}'`,
    details: { splits: dataset.splits },
  });
}
