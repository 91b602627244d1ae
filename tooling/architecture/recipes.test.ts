import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './workspace.ts';

const folder = join(ROOT, 'contributing');
const recipes = readdirSync(folder).map(name => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

/** Paths from the root that a text names in code; of `packages/x/<name>.ts` the folder. */
function pathsIn(text: string): string[] {
  const named = text.matchAll(/`((?:packages|apps|docs|tooling|examples|contributing)\/[^`\s]*)`/g);
  return [...named].map(([, path = '']) => path.replace(/[^/]*<.*$/, ''));
}

describe.each(recipes)('$name', ({ name, text }) => {
  it('names files and folders that are there', () => {
    expect(pathsIn(text).filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('is listed', () => {
    const index = recipes.find(recipe => recipe.name === 'README.md')!.text;
    expect(name === 'README.md' || index.includes(`(${name})`)).toBe(true);
  });
});

it('sees paths, were there any', () => {
  expect(recipes.flatMap(({ text }) => pathsIn(text)).length).toBeGreaterThan(30);
});
