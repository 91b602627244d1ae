import type { Samples } from '@ood/datasets';
import type { Io } from '../../io.ts';
import { requirePath } from '../../paths/require-path.ts';
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
  if (!word.includes(':')) await requirePath(word, io, 'a folder or archive of images');
  return refusingUnreadable(await openSamples(word, io, { signal: io.signal }), io);
}
