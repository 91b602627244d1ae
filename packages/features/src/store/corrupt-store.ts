import { FeaturesError } from '../errors.ts';

/** The error for a store whose bytes are not those that were written. */
export function corruptStore(path: string, expected: string, got: string): FeaturesError {
  return new FeaturesError('CORRUPT_FILE', {
    where: path,
    expected,
    got,
    advice: 'restore the file or extract it again',
    details: { path },
  });
}
