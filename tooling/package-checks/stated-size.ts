import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How far off the size in a README may be. */
const TOLERANCE = 0.15;

/** Compares `Installed size: N MB` in a package's README with what was installed. @returns what is wrong */
export function checkStatedSize(name: string, path: string, bytes: number): string[] {
  const stated = /^Installed size: ([\d.]+) MB/m.exec(readFileSync(join(path, 'README.md'), 'utf8'))?.[1];
  const actual = bytes / 1e6;
  const shown = actual < 10 ? actual.toFixed(1) : actual.toFixed(0);
  if (stated === undefined)
    return [`${name}: expected "Installed size: ${shown} MB" in its README, got no such line`];
  // Small packages are stated to a tenth of a megabyte.
  const tolerance = Math.max(0.1, TOLERANCE * actual);
  return Math.abs(Number(stated) - actual) <= tolerance
    ? []
    : [`${name}: expected its README to state the installed size, ${shown} MB, got ${stated} MB`];
}
