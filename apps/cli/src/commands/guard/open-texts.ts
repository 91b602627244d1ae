import { resolve } from 'node:path';
import { printable } from '@ood/core';
import { readTexts, type TextOptions, type Texts } from '@ood/datasets';
import { type Io, readBytes, requireFile, STDIN } from '@ood/terminal';

/** Where texts come from, as given on the command line. */
export interface TextFlags {
  readonly text?: string;
  readonly textColumn?: string;
  readonly labelColumn?: string;
}

/** Texts, and what became of lines that hold none. */
export interface OpenTexts {
  readonly samples: Texts;
  /** Says how many more notes there would be. Call it at the end. */
  finishNotes(): void;
}

/** Notes on stderr at most; the others are counted. */
const MOST_NOTES = 5;
/** Bytes that are read from standard input at most. */
const LIMIT = 2 ** 28;

/**
 * The texts that a word of the command line names: a file of JSON lines, CSV or plain lines, or `-` for standard input. A line of which
 * no text can be read is refused by its number.
 *
 * @throws DatasetError for a file without the column; CoreError for what is not there
 */
export async function openTexts(
  word: string,
  io: Io,
  { textColumn, labelColumn }: TextFlags,
): Promise<OpenTexts> {
  const options: TextOptions = {
    ...(textColumn !== undefined && { text: textColumn }),
    ...(labelColumn !== undefined && { label: labelColumn }),
  };
  const expected = 'a file of texts: JSON lines, CSV or plain lines';
  const samples =
    word === STDIN
      ? await readTexts(await readBytes(word, io, { expected, limit: LIMIT }), options)
      : await readTexts(resolve(io.cwd, await requireFile(word, io, expected)), options);
  const { refused } = samples;
  for (const { unreadable } of refused.slice(0, MOST_NOTES))
    io.stderr.write(`note: ${printable(unreadable)}: refused\n`);
  return {
    samples,
    finishNotes() {
      if (refused.length > MOST_NOTES)
        io.stderr.write(`note: ${refused.length - MOST_NOTES} more are refused\n`);
    },
  };
}
