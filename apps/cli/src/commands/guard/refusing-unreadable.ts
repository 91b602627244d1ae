import { indexedSamples, isIndexed, type Samples } from '@ood/datasets';
import { describeSystemError, isOodError } from '../../errors.ts';
import type { Io } from '../../io.ts';

/** Codes of errors that are one file's own fault. */
const OF_A_FILE: ReadonlySet<string> = new Set(['FILE_SYSTEM', 'FILE_TOO_LARGE']);

/**
 * The samples, with an empty file in place of each that cannot be read: it is refused and counted as any that does not
 * decode is, and the others go on. A note on stderr says why.
 */
export function refusingUnreadable<S extends Samples>(samples: S, io: Io): S {
  if (!isIndexed(samples)) return samples;
  const { length, key } = samples;
  const read = async (index: number) => {
    try {
      return await samples.read(index);
    } catch (error) {
      const known = isOodError(error)
        ? OF_A_FILE.has(error.code) && error.message
        : describeSystemError(error);
      if (!known) throw error;
      io.stderr.write(`note: ${key(index).id} is refused: ${known}\n`);
      return { ...key(index), bytes: new Uint8Array(0) };
    }
  };
  return { ...samples, ...indexedSamples({ length, key, read }) };
}
