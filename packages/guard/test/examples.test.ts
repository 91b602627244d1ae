import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preset } from '@ood/features';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodePng } from '../src/engine/png.ts';
import * as guardPackage from '../src/index.ts';
import { glyphs, glyphsModel } from './glyphs.ts';

/** The folder in which an example finds its files, of the names that all pages use. */
let folder = '';
const home = process.cwd();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-examples-'));
  await cp(glyphsModel, join(folder, 'model.onnx'));
  await writeFile(join(folder, 'photo.png'), encodePng((await glyphs('test').read(0)).pixels));
  process.chdir(folder);
});
afterAll(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true, force: true });
});

it.each([
  ['the README', '../README.md'],
  ['the guide to one’s own model', '../../../docs/guide/own-model.md'],
  ['the guide to security', '../../../docs/guide/security.md'],
])('the example of %s prints what it says', async (_page, file) => {
  const page = readFileSync(new URL(file, import.meta.url), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(page)![1]!;
  const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
  const printed: string[] = [];
  const given = {
    ...guardPackage,
    generateKeyPairSync,
    preset,
    readFile,
    // Of @ood/datasets, on which this package does not depend.
    imageFolder: async (name: string) => glyphs(name === 'train' ? 'train' : 'validation', 4),
    console: { log: (...values: unknown[]) => printed.push(values.map(String).join(' ')) },
  };
  await rm('my.guard', { recursive: true, force: true });
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  await new AsyncFunction(...Object.keys(given), code.replace(/^import .*$/gm, ''))(...Object.values(given));
  expect(printed).toEqual(said);
});
