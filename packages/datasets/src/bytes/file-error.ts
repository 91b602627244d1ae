import { systemError } from '@ood/core';

/**
 * Runs file work at `path`; what the operating system refuses becomes a typed error with advice.
 *
 * @throws CoreError as `systemError`; anything else as it is.
 */
export async function atPath<T>(
  path: string,
  expected: string,
  work: () => Promise<T>,
  advice?: string,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw systemError(error, { where: (error as NodeJS.ErrnoException).path ?? path, expected, advice });
  }
}
