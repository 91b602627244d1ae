import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
  readonly homepage?: string;
  readonly repository?: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly type?: string;
  readonly private?: boolean;
  readonly sideEffects?: boolean | string[];
  readonly engines?: Record<string, string>;
  readonly files?: string[];
  readonly exports?: Record<string, string | Record<string, string>>;
  readonly publishConfig?: { access?: string };
  readonly scripts?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

interface Member {
  readonly kind: 'packages' | 'apps';
  /** Folder name: `metrics`. */
  readonly folder: string;
  /** Absolute path of the folder. */
  readonly path: string;
  readonly manifest: Manifest;
}

/** Every package and app of the workspace, read from disk. */
export function workspaceMembers(): Member[] {
  return (['packages', 'apps'] as const).flatMap(kind =>
    readdirSync(join(ROOT, kind))
      .filter(folder => existsSync(join(ROOT, kind, folder, 'package.json')))
      .map(folder => {
        const path = join(ROOT, kind, folder);
        return { kind, folder, path, manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) };
      }),
  );
}

/** Every source file of every member, without tests and what is generated: its path from the root, and its text. */
export function sourceFiles(): readonly { readonly path: string; readonly text: string }[] {
  return workspaceMembers().flatMap(({ path }) =>
    readdirSync(join(path, 'src'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('generated'))
      .map(name => ({
        path: relative(ROOT, join(path, 'src', name)).replaceAll('\\', '/'),
        text: readFileSync(join(path, 'src', name), 'utf8'),
      })),
  );
}
