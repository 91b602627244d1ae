import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { writePacked } from './pack.ts';

const require = createRequire(import.meta.url);
const root = new URL('../../..', import.meta.url).pathname;

/** The folder that ships inside `@ood/datasets`. */
export const target = join(root, 'packages/datasets/data/glyphs');

function packageLicence(name: string): string {
  return readFileSync(join(dirname(require.resolve(`${name}/package.json`)), 'LICENSE'), 'utf8');
}

/** Writes the texts of the licences that the manifest names for its sources. */
export function writeLicences(folder: string): void {
  const openFont = packageLicence('@fontsource/roboto');
  const texts = {
    'OFL-1.1.txt': openFont.slice(openFont.indexOf('SIL OPEN FONT LICENSE')),
    'Apache-2.0.txt': readFileSync(join(root, 'LICENSE'), 'utf8'),
    'material-design-icons.txt': packageLicence('@mdi/svg'),
  };
  for (const [file, text] of Object.entries(texts))
    writePacked(folder, `LICENSES/${file}`, Buffer.from(text.replaceAll('\r\n', '\n')));
}
