import { resolve } from 'node:path';
import { CoreError } from '@ood/core';
import { readPlainFile } from '@ood/core/node';
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
 * @throws CoreError `NOT_A_FILE` for devices, pipes and sockets, `TOO_LARGE`, and where it cannot be read
 */
export async function readBytes(word: string, io: Io, options: ReadBytesOptions): Promise<Uint8Array> {
  if (word === STDIN) return readStdin(io, options);
  const { expected, limit } = options;
  return readPlainFile(resolve(io.cwd, word), { what: expected, maxBytes: limit, where: word });
}

async function readStdin(io: Io, { expected, limit }: ReadBytesOptions): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of io.stdin) {
    io.signal.throwIfAborted();
    length += part.length;
    if (length > limit)
      throw new CoreError('TOO_LARGE', {
        where: 'standard input',
        expected: `${expected} of at most ${limit} bytes`,
        got: 'more',
        advice: 'check that it is what you mean',
        details: { limit },
      });
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
