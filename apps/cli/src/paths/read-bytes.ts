import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { systemError } from '@ood/core';
import { CliError } from '../errors.ts';
import type { Io } from '../io.ts';

/** The word that names standard input. */
export const STDIN = '-';

interface ReadBytesOptions {
  /** As in `expected …`. */
  readonly expected: string;
  /** Bytes that are read at most. */
  readonly limit: number;
}

/**
 * All bytes of the plain file that a word of the command line names, or of standard input.
 *
 * @throws CliError `NOT_A_FILE` for devices, pipes and sockets, `TOO_LARGE`; CoreError where it cannot be read
 */
export async function readBytes(word: string, io: Io, options: ReadBytesOptions): Promise<Uint8Array> {
  return word === STDIN ? readStdin(io, options) : readFile(word, resolve(io.cwd, word), options);
}

async function readStdin(io: Io, { expected, limit }: ReadBytesOptions): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of io.stdin) {
    io.signal.throwIfAborted();
    length += part.length;
    if (length > limit) throw tooLarge('standard input', { expected, limit });
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

async function readFile(
  word: string,
  path: string,
  { expected, limit }: ReadBytesOptions,
): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const found = await file.stat();
      if (!found.isFile())
        throw new CliError('NOT_A_FILE', {
          where: word,
          expected,
          got: found.isDirectory() ? 'a folder' : 'a device, pipe or socket',
          advice: 'give the path of the file itself',
        });
      if (found.size > limit) throw tooLarge(word, { expected, limit });
      return new Uint8Array(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw systemError(cause, { where: word, expected });
  }
}

function tooLarge(where: string, { expected, limit }: ReadBytesOptions): CliError {
  return new CliError('TOO_LARGE', {
    where,
    expected: `${expected} of at most ${limit / 2 ** 20} MiB`,
    got: 'more',
    advice: 'check that it is what you mean',
    details: { limit },
  });
}
