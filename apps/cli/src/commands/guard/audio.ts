import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isOodError } from '@ood/core';
import {
  archiveImages,
  imageFolder,
  isAudioName,
  type LeftOut,
  type Samples,
  samplesOf,
} from '@ood/datasets';
import {
  type AudioPreprocessing,
  type AudioPresetName,
  audioPreset,
  audioPresetNames,
  audioWindows,
  parsePreprocessing,
  type Sample,
} from '@ood/features';
import { type Io, readBytes, requirePath } from '@ood/terminal';
import { CliError } from '../../errors.ts';
import type { AudioFlags } from '../options.ts';
import { readPreprocessing } from './choose-preprocessing.ts';
import type { ModelFile } from './model-file.ts';
import { noteLeftOut, type OpenImages, refusing } from './open-images.ts';

/** Largest recording that is read: what decoding may take is bounded by its samples besides. */
const MOST_BYTES = 1024 * 2 ** 20;

/** Windows of recordings, and the notes on files that could not be read. */
export type OpenAudio = Omit<OpenImages, 'samples'> & {
  readonly samples: AsyncIterable<Sample> & { readonly classes?: readonly string[] };
};

/**
 * The windows of the recordings that `--audio` names: a file, a folder or an archive of WAV and FLAC files.
 *
 * @throws DatasetError, CoreError for what is not there
 */
export async function openAudio(word: string, preprocessing: AudioPreprocessing, io: Io): Promise<OpenAudio> {
  const path = await requirePath(word, io, 'a file, a folder or an archive of recordings');
  const recordings: Samples & { readonly classes?: readonly string[]; readonly leftOut?: LeftOut } =
    await openRecordings(word, path, io);
  const { classes, leftOut } = recordings;
  if (leftOut !== undefined) noteLeftOut(named(leftOut), io);
  const { samples, finishNotes } = refusing(recordings, 'a recording', io);
  return {
    samples: { ...audioWindows(samples, preprocessing), ...(classes && { classes }) },
    leftOut: leftOut?.count ?? 0,
    finishNotes,
  };
}

function named({ count, examples }: LeftOut): LeftOut {
  const reason = 'no WAV or FLAC by its name' as never;
  return {
    count,
    examples: examples.map(file => (file.reason.includes('name') ? { ...file, reason } : file)),
  };
}

async function openRecordings(word: string, path: string, io: Io): Promise<Samples> {
  const options = { include: isAudioName, maxFileBytes: MOST_BYTES };
  try {
    if ((await stat(path)).isDirectory()) return await imageFolder(path, options);
    if (!isAudioName(basename(path))) return await archiveImages(path, options);
  } catch (cause) {
    if (!isOodError(cause, 'NO_IMAGES')) throw cause;
    throw new CliError('EMPTY_INPUT', {
      where: word,
      expected: 'recordings: .wav or .flac',
      got: 'none',
      advice: 'convert others: ffmpeg -i FILE OUT.flac',
      cause,
    });
  }
  const bytes = await readBytes(word, io, { expected: 'a recording', limit: MOST_BYTES });
  return samplesOf([{ id: basename(path), bytes }]);
}

/**
 * The preprocessing of recordings that `--preprocess` names, with `--window` and `--hop`, in the float type of the model's input.
 *
 * @throws CliError where nothing is named, or a preprocessing of images
 */
export async function chooseAudioPreprocessing(
  { preprocess, window, hop }: AudioFlags & { readonly preprocess?: string },
  { description }: ModelFile,
  io: Io,
): Promise<AudioPreprocessing> {
  const expected = `how recordings become the model's input: ${audioPresetNames.join(', ')}, or a JSON file`;
  if (preprocess === undefined)
    throw new CliError('INVALID_OPTION', { where: '--preprocess', expected, got: 'none' });
  const named = (audioPresetNames as readonly string[]).includes(preprocess)
    ? audioPreset(preprocess as AudioPresetName)
    : await readPreprocessing(preprocess, { expected, io }, parsePreprocessing);
  if (!('kind' in named && named.kind === 'audio'))
    throw new CliError('INVALID_OPTION', {
      where: `--preprocess ${preprocess}`,
      expected,
      got: 'a preprocessing of other inputs',
    });
  const samples = (seconds: number) => Math.max(1, Math.round(seconds * named.sampleRate));
  const type = description.inputs[0]?.type;
  return audioPreset('waveform', {
    ...named,
    ...(window !== undefined && { window: samples(window), hop: samples(hop ?? window / 2) }),
    ...(hop !== undefined && { hop: samples(hop) }),
    ...(type === 'float16' && { dtype: type }),
  });
}
