import { type Io, readBytes } from '@ood/terminal';
import type { TrustFlags } from '../options.ts';

/** Bytes of a key that are read at most. */
const LIMIT = 64 * 2 ** 10;

/** The text of a key that a word of the command line names. @throws CoreError where it cannot be read */
export async function readKey(word: string, io: Io): Promise<string> {
  const bytes = await readBytes(word, io, { expected: 'an Ed25519 key in PEM', limit: LIMIT });
  return new TextDecoder().decode(bytes);
}

/** What a guard is known by, for the guard's own options. */
export async function trustOf({ digest, verify }: TrustFlags, io: Io) {
  return { digest, verify: verify === undefined ? undefined : await readKey(verify, io) };
}
