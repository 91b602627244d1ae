import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes files of a run into a folder, each first under a temporary name and renamed when all are complete, so that no
 * half-written file is ever found under a final name.
 *
 * @returns the paths written, in the order given.
 */
export async function writeRun(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths = Object.keys(files).map(name => join(folder, name));
  const temporary = (path: string): string => `${path}.incomplete`;
  try {
    const written = await Promise.allSettled(
      Object.values(files).map((content, i) => writeFile(temporary(paths[i]!), content)),
    );
    for (const result of written) if (result.status === 'rejected') throw result.reason;
    for (const path of paths) await rename(temporary(path), path);
  } catch (error) {
    await Promise.all(paths.map(path => rm(temporary(path), { force: true })));
    throw error;
  }
  return paths;
}
