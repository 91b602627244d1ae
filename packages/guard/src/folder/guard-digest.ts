import { resolve } from 'node:path';
import { readFolder } from './read-folder.ts';

/**
 * The digest of the guard in a folder, 64 hexadecimal digits, after every file of it has been verified. Whoever knows it can
 * ask `openGuard` for exactly this guard.
 *
 * @throws as `openGuard`, for a folder that is no whole guard
 */
export async function guardDigest(folder: string): Promise<string> {
  return (await readFolder(resolve(folder))).digest;
}
