import { systemError } from '@ood/core';

/** What the system's refusal to read a file means. */
export function readFailed(path: string, cause: unknown): unknown {
  return systemError(cause, { where: path, expected: 'a readable file' });
}

/** What the system's refusal to write a file means. */
export function writeFailed(path: string, cause: unknown): unknown {
  return systemError(cause, { where: path, expected: 'a file that can be written' });
}
