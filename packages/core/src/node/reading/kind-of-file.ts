import type { Stats } from 'node:fs';

/** What is at a path, in words. */
export function kindOfFile(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return found.isFile() ? 'the file' : 'a device';
}
