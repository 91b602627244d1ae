import { systemError } from '@ood/core';

/** What the system's refusal to read a file means. */
export function readFailed(path: string, cause: unknown): unknown {
  return systemError(cause, { where: path, expected: 'a readable file' });
}
