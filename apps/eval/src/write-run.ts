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
    await Promise.all(Object.values(files).map((content, i) => writeFile(temporary(paths[i]), content)));
  } catch (error) {
    await Promise.all(paths.map(path => rm(temporary(path), { force: true })));
    throw error;
  }
  for (const path of paths) await rename(temporary(path), path);
  return paths;
}
