import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryIo } from '@ood/terminal/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readClassNames } from './class-names.ts';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-classes-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const read = async (text: string, columns: number | string | null = 3) => {
  await writeFile(join(cwd, 'names'), text);
  const outputs = [{ name: 'logits', type: 'float32', dims: ['batch', columns] }] as never;
  return readClassNames('names', { outputs }, memoryIo({ cwd }).io);
};

it.each([
  ['a line each', 'cat\ndog\nfox\n'],
  ['lines of Windows, with a mark', '\ufeffcat\r\ndog\r\nfox\r\n'],
  ['a list', '["cat", "dog", "fox"]'],
  ['an object from index to name', '{ "2": "fox", "0": "cat", "1": "dog" }'],
  ['a configuration of Hugging Face', '{ "id2label": { "0": "cat", "1": "dog", "2": "fox" }, "x": 1 }'],
  ['names with their WordNet identifiers', '{ "0": ["n1", "cat"], "1": ["n2", "dog"], "2": ["n3", "fox"] }'],
])('reads %s', async (_what, text) => {
  expect(await read(text)).toEqual(['cat', 'dog', 'fox']);
});

it('takes two names for a single logit, and any number where the model does not say how many', async () => {
  expect(await read('no\nyes', 1)).toEqual(['no', 'yes']);
  expect(await read('a\nb\nc\nd', 'classes')).toHaveLength(4);
});

it.each([
  ['an object with a gap', '{ "0": "cat", "2": "fox" }', 'INVALID_OPTION'],
  ['numbers', '[1, 2, 3]', 'INVALID_OPTION'],
  ['torn JSON', '["cat", "dog"', 'INVALID_OPTION'],
  ['an empty line between', 'cat\n\nfox', 'INVALID_OPTION'],
  ['nothing', '', 'INVALID_OPTION'],
  ['too few', 'cat\ndog', 'WRONG_SHAPE'],
])('refuses %s', async (_what, text, code) => {
  await expect(read(text)).rejects.toMatchObject({ code, where: 'names' });
});
