import { readFileSync } from 'node:fs';

interface Manifest {
  readonly version: string;
  readonly bugs?: { readonly url?: string };
}

/** The manifest of this package (one folder up, in `src` and in `dist` alike). */
export function packageInfo(): Manifest {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest;
}
