import { createHash } from 'node:crypto';

/**
 * The digest of a guard, hex: SHA-256 of a line `<sha256>  <path>` for each of its files, `guard.json` among them, sorted by path.
 * `sha256sum` and `sort` compute it as well:
 * `cd my.guard && sha256sum $(find * -type f ! -name guard.sig | LC_ALL=C sort) | sha256sum`.
 */
export function digestOfFiles(files: Readonly<Record<string, string>>): string {
  const lines = Object.keys(files)
    .sort()
    .map(path => `${files[path]}  ${path}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
