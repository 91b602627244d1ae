import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeRun } from './write-run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-eval-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('writes all files into a new folder and leaves nothing temporary', async () => {
  const target = join(folder, 'new', 'run');
  await writeRun(target, { 'a.json': '{}', 'b.bin': Uint8Array.of(1, 2) });
  expect((await readdir(target)).sort()).toEqual(['a.json', 'b.bin']);
  expect(await readFile(join(target, 'a.json'), 'utf8')).toBe('{}');
});

it('leaves no file under a final name when one of them cannot be written', async () => {
  const broken = { 'a.json': '{}', 'missing/b.json': '{}' };
  await expect(writeRun(folder, broken)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readdir(folder)).toEqual([]);
});

it('says which path is in the way', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await expect(writeRun(file, { 'a.json': '{}' })).rejects.toMatchObject({ code: 'EEXIST', path: file });
});

it('leaves nothing temporary behind where a folder has the name of a file', async () => {
  await mkdir(join(folder, 'report.html'));
  const files = { 'report.html': 'x', 'results.json': '{}' };
  await expect(writeRun(folder, files)).rejects.toMatchObject({ code: 'EISDIR' });
  expect(await readdir(folder)).toEqual(['report.html']);
});
