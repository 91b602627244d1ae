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

/** Codes of our packages' errors that say that a command was given wrongly: exit code 2. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'CONFIG_INVALID',
  'CONFIG_UNSUPPORTED',
  'FILE_NOT_FOUND',
  'FOLDER_EXISTS',
  'GUARD_NOT_FOUND',
  'INVALID_OPTION',
  'UNKNOWN_DETECTOR',
  'UNKNOWN_LAYER',
]);

/** Whether an error says that the command cannot be carried out as it was given. */
export function isUsageError(error: unknown): boolean {
  return error instanceof UsageError || (isOodError(error) && USAGE_CODES.has(error.code));
}

/** The work; an operating system error that names no file names this one. */
export async function naming<T>(path: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (describeSystemError(error) !== undefined)
      Object.assign(error as object, { path: (error as NodeJS.ErrnoException).path ?? path });
    throw error;
  });
}

/** Operating system errors that the user can act on, in words. */
const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EIO: 'the disk cannot be read or written',
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
