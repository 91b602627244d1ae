import { type Guard, type OpenGuardOptions, openGuard } from '@ood/guard';
import { CliError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { requirePath } from '../../paths/require-path.ts';
import type { TrustFlags } from '../options.ts';
import { trustOf } from './read-key.ts';

/**
 * The guard that `--guard` names, open to check images.
 *
 * @throws CliError for a guard of vectors; CoreError for what is not there
 */
export async function openImageGuard(
  word: string,
  io: Io,
  { threads, ...trust }: TrustFlags & Pick<OpenGuardOptions, 'threads'>,
): Promise<Guard> {
  const folder = await requirePath(word, io, 'the folder of a guard');
  const guard = await openGuard(folder, { threads, ...(await trustOf(trust, io)) });
  const { preprocessing, input } = guard.describe();
  if (preprocessing !== null) return guard;
  await guard.close();
  throw new CliError('INVALID_OPTION', {
    where: word,
    expected: 'a guard of images',
    got: `one of vectors [${input.dims.slice(1).join(', ')}], made without --preprocess`,
    advice: 'give vectors by --features',
  });
}
