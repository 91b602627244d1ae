import { mkdir } from 'node:fs/promises';
import { CoreError } from '../../errors/core-error.ts';

/** Makes a folder and those above it, unless they are there. @throws CoreError `NOT_A_FOLDER` where a file is in the way. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw cause;
    throw new CoreError('NOT_A_FOLDER', {
      where: folder,
      expected: 'a folder',
      got: 'a file in its place',
      advice: 'choose another path',
      details: { path: folder },
      cause,
    });
  }
}
