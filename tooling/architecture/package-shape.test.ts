import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { APPS, ARROWS } from './arrows.ts';
import { ROOT, workspaceMembers } from './workspace.ts';

const members = workspaceMembers();
const published = members.filter(({ manifest }) => manifest.private !== true);

it('has a place in the map for every member', () => {
  const known = [...Object.keys(ARROWS), ...Object.keys(APPS)];
  expect(members.map(({ folder }) => folder).filter(folder => !known.includes(folder))).toEqual([]);
});

describe.each(members)('$kind/$folder', ({ path, folder, manifest }) => {
  it('is an ES module package of this house', () => {
    expect(manifest).toMatchObject({ name: `@ood/${folder}`, type: 'module', license: 'Apache-2.0' });
    expect(manifest.engines?.node).toBe('>=20.19');
    expect(manifest.description?.length).toBeGreaterThan(20);
  });

  it('has a README and the three standard tasks', () => {
    const readme = readFileSync(join(path, 'README.md'), 'utf8');
    expect(readme.startsWith(`# ${manifest.name}\n`)).toBe(true);
    expect(Object.keys(manifest.scripts ?? {})).toEqual(
      expect.arrayContaining(['build', 'test', 'typecheck']),
    );
  });

  it('takes our packages from the workspace and shared versions from the catalog', () => {
    const entries = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    const wrong = entries.filter(([name, version]) =>
      name.startsWith('@ood/') ? version !== 'workspace:^' : version !== 'catalog:',
    );
    expect(wrong).toEqual([]);
  });

  it('depends only along the arrows of the map', () => {
    const allowed = ({ ...ARROWS, ...APPS } as Record<string, readonly string[]>)[folder] ?? [];
    const declared = Object.keys(manifest.dependencies ?? {}).filter(name => name.startsWith('@ood/'));
    expect(declared.filter(name => !allowed.includes(name.slice('@ood/'.length)))).toEqual([]);
  });

  it('exports the source, the types and the built code of every entry', () => {
    for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
      if (typeof target === 'string') {
        expect(existsSync(join(path, target)), `${entry} -> ${target}`).toBe(true);
        continue;
      }
      const { browser } = target;
      const conditions = ['@ood/source', 'types', ...(browser ? ['browser'] : []), 'default'];
      expect(Object.keys(target), entry).toEqual(conditions);
      const source = target['@ood/source'] ?? '';
      expect(existsSync(join(path, source)), `${entry} -> ${source}`).toBe(true);
      const built = source.replace('./src/', './dist/').replace(/\.ts$/, '');
      expect([target.types, target.default]).toEqual([`${built}.d.ts`, `${built}.js`]);
      if (browser === undefined) continue;
      const standIn = browser.replace('./dist/', './src/').replace(/\.js$/, '.ts');
      expect(existsSync(join(path, standIn)), `${entry} -> ${browser}`).toBe(true);
    }
  });

  it('has no file called utils, helpers, common or misc', () => {
    const names = readdirSync(join(path, 'src'), { recursive: true, encoding: 'utf8' });
    expect(names.filter(name => /(^|\/)(utils?|helpers?|common|misc)(\.ts)?$/.test(name))).toEqual([]);
  });
});

const home = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

describe.each(published)('$kind/$folder, published', ({ kind, folder, manifest }) => {
  it('says where it comes from, as the root manifest has it', () => {
    const directory = `${kind}/${folder}`;
    expect(manifest.repository).toEqual({ ...home.repository, directory });
    expect(manifest.homepage).toBe(`${home.homepage.replace('#readme', '')}/tree/main/${directory}#readme`);
    expect(manifest.keywords).toContain('out-of-distribution');
  });

  it('says what consumers receive', () => {
    expect(manifest.publishConfig?.access).toBe('public');
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src', '!src/**/*.test.ts']));
    expect(manifest.sideEffects).toBeDefined();
  });
});

it('keeps tfjs-node-gpu an optional peer of flows, and of nothing else', () => {
  const gpu = '@tensorflow/tfjs-node-gpu';
  for (const { folder, manifest } of members) {
    expect(manifest.dependencies?.[gpu]).toBeUndefined();
    expect(manifest.devDependencies?.[gpu]).toBeUndefined();
    expect(manifest.peerDependenciesMeta?.[gpu]?.optional).toBe(folder === 'flows' ? true : undefined);
  }
});

it.each([
  ['core', []],
  ['metrics', ['@ood/core']],
])('lets %s stand on nothing else at run time', (name, wanted) => {
  const { manifest } = members.find(({ folder }) => folder === name)!;
  expect(Object.keys(manifest.dependencies ?? {})).toEqual(wanted);
  expect(manifest.peerDependencies ?? {}).toEqual({});
});
