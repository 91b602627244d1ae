import { type AudioPreprocessing, kindOf, type PreprocessingKind } from '@ood/features';
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
  return openFitting(word, io, flags, guard =>
    kindOfGuard(guard) === 'image'
      ? undefined
      : { expected: 'a guard of images', got: describeGuard(guard), advice: adviceFor(guard) },
  );
}

/**
 * The guard that `--guard` names, open to check texts.
 *
 * @throws CliError for a guard of other inputs; CoreError for what is not there
 */
export function openTextGuard(word: string, io: Io, flags: GuardFlags): Promise<Guard> {
  return openFitting(word, io, flags, guard =>
    kindOfGuard(guard) === 'text'
      ? undefined
      : { expected: 'a guard of texts, for --text', got: describeGuard(guard), advice: adviceFor(guard) },
  );
}

/**
 * The guard that `--guard` names, open to check recordings.
 *
 * @throws CliError for a guard of other inputs; CoreError for what is not there
 */
export async function openAudioGuard(
  word: string,
  io: Io,
  flags: GuardFlags,
): Promise<{ readonly guard: Guard; readonly preprocessing: AudioPreprocessing }> {
  const guard = await openFitting(word, io, flags, found =>
    kindOfGuard(found) === 'audio'
      ? undefined
      : {
          expected: 'a guard of recordings, for --audio',
          got: describeGuard(found),
          advice: adviceFor(found),
        },
  );
  return { guard, preprocessing: guard.describe().preprocessing as AudioPreprocessing };
}

/** What a guard is for. */
function kindOfGuard({ preprocessing }: Manifest): PreprocessingKind | 'vector' {
  return preprocessing === null ? 'vector' : kindOf(preprocessing);
}

function describeGuard(guard: Manifest): string {
  const kind = kindOfGuard(guard);
  return kind === 'vector'
    ? `one of vectors [${guard.input.dims.slice(1).join(', ')}], made without --preprocess`
    : `one of ${kind === 'audio' ? 'recordings' : `${kind}s`}`;
}

function adviceFor(guard: Manifest): string {
  const ways = {
    vector: 'vectors by --features',
    text: 'texts by --text',
    audio: 'recordings by --audio',
    image: 'images',
  };
  return `give ${ways[kindOfGuard(guard)]}`;
}

/**
 * The guard that `--guard` names, open to check vectors.
 *
 * @throws CliError for a guard of images; CoreError for what is not there
 */
export function openVectorGuard(word: string, io: Io, flags: GuardFlags): Promise<Guard> {
  return openFitting(word, io, flags, guard =>
    guard.preprocessing === null
      ? undefined
      : {
          expected: 'a guard of vectors, for --features',
          got: describeGuard(guard),
          advice: `${adviceFor(guard)}; a guard of features alone is made by ood fit --features without --model`,
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
