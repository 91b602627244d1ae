import { FeaturesError } from '../errors.ts';

/** The error for a store whose bytes are not those that were written. */
export function corruptStore(path: string, expectation: string): FeaturesError {
  return new FeaturesError(
    'FILE_CORRUPT',
    `${path}: expected ${expectation}; restore the file or extract it again`,
    {
      path,
    },
  );
}
