import { readFileSync } from 'node:fs';

/** What a command line says of itself. */
export interface PackageInfo {
  /** Its name, as one types it. */
  readonly command: string;
  readonly version: string;
  readonly bugs?: { readonly url?: string };
}

/** Reads a `package.json`. @param url of the manifest, e.g. `new URL('../package.json', import.meta.url)` */
export function readPackageInfo(command: string, url: URL): PackageInfo {
  const { version, bugs } = JSON.parse(readFileSync(url, 'utf8')) as PackageInfo;
  return { command, version, ...(bugs && { bugs }) };
}
