import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Source files of all public entries, by the name under which one imports them: `@ood/onnx/record` → its `index.ts`. */
export const ENTRIES = Object.fromEntries(
  readdirSync(join(ROOT, 'packages'))
    .sort()
    .flatMap(folder => {
      const path = join(ROOT, 'packages', folder);
      const { name, exports } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
      return Object.entries(exports)
        .filter(([, target]) => typeof target === 'object')
        .map(([entry, target]) => [name + entry.slice(1), join(path, target['@ood/source'])]);
    }),
);
