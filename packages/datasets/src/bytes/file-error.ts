import { DatasetError } from '../errors.ts';

/** What the operating system says, in words, and what to do about it. */
const CASES: Readonly<Record<string, readonly [received: string, advice: string]>> = {
  ENOENT: ['nothing there', 'check the path'],
  ENOTDIR: ['a file where a folder should be', 'check the path, and OOD_HOME where it is set'],
  EISDIR: ['a folder', 'give the path of a file'],
  EEXIST: ['a file where a folder should be', 'check the path, and OOD_HOME where it is set'],
  EACCES: ['permission denied', 'change its permissions, or choose another folder (OOD_HOME)'],
  EPERM: ['permission denied', 'change its permissions, or choose another folder (OOD_HOME)'],
  EROFS: ['a read-only file system', 'choose another folder (OOD_HOME)'],
  ENOSPC: ['a full disk', 'make room, or choose another folder (OOD_HOME)'],
  EMFILE: ['too many open files', 'read fewer at once'],
};

/**
 * Runs file work at `path`; what the operating system refuses becomes an error of this package.
 *
 * @throws DatasetError `FILE_SYSTEM`, its `cause` the system's error; anything else as it is.
 */
export async function atPath<T>(path: string, expected: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, path: place } = error as NodeJS.ErrnoException;
    const known = code === undefined || !Object.hasOwn(CASES, code) ? undefined : CASES[code];
    if (known === undefined) throw error;
    const [received, advice] = known;
    throw new DatasetError('FILE_SYSTEM', { where: place ?? path, expected, received, advice, cause: error });
  }
}
