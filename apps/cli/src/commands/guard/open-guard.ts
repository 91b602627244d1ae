import { type Guard, type Manifest, type OpenGuardOptions, openGuard } from '@ood/guard';
import { type Io, requirePath } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import type { TrustFlags } from '../options.ts';
import { trustOf } from './read-key.ts';

/** How a command opens a guard. */
export type GuardFlags = TrustFlags & Pick<OpenGuardOptions, 'threads'>;

/**
 * The guard that `--guard` names, open to check images.
 *
 * @throws CliError for a guard of vectors; CoreError for what is not there
 */
export function openImageGuard(word: string, io: Io, flags: GuardFlags): Promise<Guard> {
  return openFitting(word, io, flags, ({ preprocessing, input }) =>
    preprocessing === null
      ? {
          expected: 'a guard of images',
          got: `one of vectors [${input.dims.slice(1).join(', ')}], made without --preprocess`,
          advice: 'give vectors by --features',
        }
      : undefined,
  );
}

/**
 * The guard that `--guard` names, open to check vectors.
 *
 * @throws CliError for a guard of images; CoreError for what is not there
 */
export function openVectorGuard(word: string, io: Io, flags: GuardFlags): Promise<Guard> {
  return openFitting(word, io, flags, ({ preprocessing }) =>
    preprocessing === null
      ? undefined
      : {
          expected: 'a guard of vectors, for --features',
          got: 'one of images',
          advice: 'give it images; a guard of features alone is made by ood fit --features without --model',
        },
  );
}

interface Misfit {
  readonly expected: string;
  readonly got: string;
  readonly advice: string;
}

async function openFitting(
  word: string,
  io: Io,
  { threads, ...trust }: GuardFlags,
  misfit: (guard: Manifest) => Misfit | undefined,
): Promise<Guard> {
  const folder = await requirePath(word, io, 'the folder of a guard');
  const guard = await openGuard(folder, { threads, ...(await trustOf(trust, io)) });
  const found = misfit(guard.describe());
  if (found === undefined) return guard;
  await guard.close();
  throw new CliError('INVALID_OPTION', { where: word, ...found });
}
