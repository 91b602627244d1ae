import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { overridesOf, type Packed, pnpm, run, writerInto } from './packed.ts';

export interface Installed {
  /** Bytes of everything below node_modules, links not followed, hard links counted once per name. */
  readonly bytes: number;
  /** Names of all installed packages. */
  readonly packages: readonly string[];
}

/**
 * Installs one packed package into an empty project, the way a user would get it from the registry, imports each
 * given entry in Node and typechecks the imports under strict settings.
 */
export function installAlone(
  target: Packed,
  all: readonly Packed[],
  options: {
    readonly folder: string;
    readonly entries: readonly string[];
    readonly peers?: Record<string, string>;
  },
): Installed {
  const { folder, entries, peers = {} } = options;
  mkdirSync(folder, { recursive: true });
  const overrides = overridesOf(all);
  const write = writerInto(folder);

  write('package.json', {
    private: true,
    type: 'module',
    dependencies: { [target.name]: overrides[target.name], ...peers },
    pnpm: { overrides, ignoredBuiltDependencies: ['*'] },
  });
  write('pnpm-workspace.yaml', 'packages: []\n');
  write('index.ts', entries.map((entry, i) => `export * as entry${i} from '${entry}';`).join('\n'));
  write('tsconfig.json', {
    compilerOptions: {
      module: 'NodeNext',
      target: 'ES2022',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
    },
    files: ['index.ts'],
  });

  pnpm(['install', '--prefer-offline', '--ignore-scripts', '--config.auto-install-peers=false'], folder);
  for (const entry of entries) {
    run(process.execPath, ['--input-type=module', '-e', `await import('${entry}')`], folder);
  }
  const tsc = new URL('../../node_modules/typescript/bin/tsc', import.meta.url).pathname;
  run(process.execPath, [tsc, '-p', 'tsconfig.json'], folder);

  const store = join(folder, 'node_modules', '.pnpm');
  const packages = readdirSync(store)
    .filter(name => name.includes('@') && name !== 'node_modules')
    .map(name => name.replace('+', '/').replace(/(?<!^)@.*$/, ''));
  return { bytes: folderBytes(join(folder, 'node_modules')), packages };
}

/** Bytes of all files below a folder; links are not followed. */
export function folderBytes(path: string): number {
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const child = join(path, entry.name);
    if (entry.isDirectory()) return sum + folderBytes(child);
    return entry.isFile() ? sum + lstatSync(child).size : sum;
  }, 0);
}
