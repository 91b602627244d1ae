/** A command that cannot be carried out as it was given: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A check that the caller asked for did not hold (e.g. `--fail-on-ood`): exit code 3. */
export class GateMissedError extends Error {
  override readonly name = 'GateMissedError';
}

const MARKER = Symbol.for('ood.error');

/** Whether an error is one of our packages' typed errors, whichever copy of the package threw it. */
export function isOodError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && (error as { [MARKER]?: unknown })[MARKER] === true;
}

/** Operating system errors that the user can act on, in words. */
const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'expected a file, got a folder',
  ENOTDIR: 'expected a folder, got a file',
  ENOSPC: 'no space left on the disk',
  EROFS: 'the file system is read-only',
  EEXIST: 'exists already',
};

/** The message for an operating system error with a path, or undefined if it is something else. */
export function describeSystemError(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : SYSTEM_ERRORS[code];
  if (words === undefined) return undefined;
  return path === undefined ? words : `${path}: ${words}`;
}
