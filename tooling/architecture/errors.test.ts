import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceFiles, workspaceMembers } from './workspace.ts';

const KINDS = ['usage', 'input', 'environment', 'aborted', 'internal'];

/** The codes that a file declares, with their kinds: `NO_HEAD: 'input',`, or by a constant of that name. */
function codesIn(path: string): [code: string, kind: string][] {
  const table =
    /^(?:export )?const \w*[cC]odes = \{$([\s\S]*?)^\}/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  return [...table.matchAll(/^ {2}([A-Z][A-Z0-9_]*): '?(\w+)'?,$/gm)].map(([, code = '', kind = '']) => [
    code,
    kind,
  ]);
}

const members = workspaceMembers();
const core = members.find(({ folder }) => folder === 'core')!;
const common = new Map(codesIn(join(core.path, 'src/errors/codes.ts')));
const tables = members
  .map(({ folder, path }) => ({ folder, file: join(path, 'src/errors.ts') }))
  .filter(({ file }) => existsSync(file))
  .map(({ folder, file }) => ({ folder, text: readFileSync(file, 'utf8'), codes: codesIn(file) }));

it('finds the codes', () => {
  expect(common.get('FILE_NOT_FOUND')).toBe('usage');
  expect(tables.length).toBeGreaterThan(6);
});

describe.each(tables)('the errors of $folder', ({ text, codes }) => {
  it('are one class on the contract of core, with the codes that all share', () => {
    expect(text.match(/extends OodError</g)).toHaveLength(1);
    expect(text).toContain('...commonCodes');
    expect(codes.length).toBeGreaterThan(0);
  });

  it('have known kinds, and repeat no common code', () => {
    expect(codes.filter(([, kind]) => !KINDS.includes(kind))).toEqual([]);
    expect(codes.filter(([code]) => common.has(code))).toEqual([]);
  });
});

it('gives a code the same kind in every package', () => {
  const kinds = new Map<string, Set<string>>();
  for (const { codes } of tables)
    for (const [code, kind] of codes) kinds.set(code, (kinds.get(code) ?? new Set()).add(kind));
  expect([...kinds].filter(([, all]) => all.size > 1).map(([code, all]) => `${code}: ${[...all]}`)).toEqual(
    [],
  );
});

it('has no other class of errors on the contract', () => {
  const others = sourceFiles()
    .filter(
      ({ path, text }) =>
        /class \w+ extends OodError\b/.test(text) && !/src\/errors(\/core-error)?\.ts$/.test(path),
    )
    .map(({ path }) => path);
  expect(others).toEqual([]);
});
