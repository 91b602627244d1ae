import { isOodError, printable, systemError } from '@ood/core';
import { indexedSamples, isIndexed, type LeftOut, type Samples } from '@ood/datasets';
import { type Io, requirePath } from '@ood/terminal';
import { openSamples } from '../datasets/open-samples.ts';
import type { BoxFlags } from '../options.ts';
import { boxesOn, openBoxes } from './boxes.ts';

/** Notes on stderr that a command gives at most; the others are counted. */
const MOST_NOTES = 5;

/** A source of images, and the notes on those of its files that could not be read. */
export interface OpenImages {
  readonly samples: Samples & { readonly classes?: readonly string[] };
  /** Files of the source that were never looked at: links that lead nowhere, names of no image. */
  readonly leftOut: number;
  /** Says how many more notes there would be. Call it at the end. */
  finishNotes(): void;
}

/**
 * The images that a word of the command line names: a folder, an archive (tar, tar.gz, zip), `glyphs:SPLIT`, or `NAME:SPLIT`
 * of the catalog; or the boxes on them. A file that cannot be read is refused like one that does not decode.
 *
 * @throws CliError, CoreError for what is not there
 */
export async function openImages(word: string, io: Io, flags: BoxFlags = {}): Promise<OpenImages> {
  if (!word.includes(':')) await requirePath(word, io, 'a folder or archive of images');
  const samples: Samples & { readonly leftOut?: LeftOut } = await openSamples(word, io, {
    signal: io.signal,
  });
  if (samples.leftOut !== undefined) noteLeftOut(samples.leftOut, io);
  const { boxes } = flags;
  const parts =
    boxes === undefined ? samples : boxesOn(samples, await openBoxes({ ...flags, boxes }, io), { word, io });
  return { ...refusing(parts, 'an image file', io), leftOut: samples.leftOut?.count ?? 0 };
}

/** Samples of which those that cannot be read are refused, with a note for the first few. */
export function refusing<S extends Samples>(
  samples: S,
  expected: string,
  io: Io,
): { readonly samples: S; finishNotes(): void } {
  let notes = 0;
  const note = (text: string) => {
    if (++notes <= MOST_NOTES) io.stderr.write(`note: ${printable(text)}\n`);
  };
  return {
    samples: refusingUnreadable(samples, expected, note),
    finishNotes() {
      if (notes > MOST_NOTES) io.stderr.write(`note: ${notes - MOST_NOTES} more are refused\n`);
      notes = 0;
    },
  };
}

/** A file that was never looked at must not pass for one that was let in. */
export function noteLeftOut({ count, examples: [example] }: LeftOut, io: Io): void {
  if (example === undefined) return;
  const files = count === 1 ? '1 file is' : `${count} files are`;
  io.stderr.write(`note: ${files} left out, e.g. ${printable(example.path)}: ${example.reason}\n`);
}

/** Codes of errors that are one file's own fault. */
const OF_A_FILE = ['READ_FAILED', 'PERMISSION_DENIED', 'TOO_LARGE', 'NOT_A_FILE', 'FILE_NOT_FOUND'];

/**
 * The samples, with an empty file in place of each that cannot be read: it is refused and counted as any that does not
 * decode is, and the others go on. A note says why.
 */
function refusingUnreadable<S extends Samples>(
  samples: S,
  expected: string,
  note: (text: string) => void,
): S {
  if (!isIndexed(samples)) return samples;
  const { length, key } = samples;
  const read = async (index: number) => {
    try {
      return await samples.read(index);
    } catch (cause) {
      const error = systemError(cause, { where: key(index).id, expected });
      if (!isOodError(error, ...OF_A_FILE)) throw error;
      note(`${key(index).id} is refused: ${error.got ?? error.message}`);
      return { ...key(index), bytes: new Uint8Array(0) };
    }
  };
  return { ...samples, ...indexedSamples({ length, key, read }) };
}
