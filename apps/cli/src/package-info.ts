import { type PackageInfo, readPackageInfo } from '@ood/terminal';

/** What this package says of itself (its manifest is one folder up, in `src` and in `dist` alike). */
export function packageInfo(): PackageInfo {
  return readPackageInfo('ood', new URL('../package.json', import.meta.url));
}
