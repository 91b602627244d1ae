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
  const paths = await writeRun(target, { 'a.json': '{}', 'b.bin': Uint8Array.of(1, 2) });
  expect(paths).toEqual([join(target, 'a.json'), join(target, 'b.bin')]);
  expect((await readdir(target)).sort()).toEqual(['a.json', 'b.bin']);
  expect(await readFile(join(target, 'a.json'), 'utf8')).toBe('{}');
});

it('says which path is in the way', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await expect(writeRun(file, { 'a.json': '{}' })).rejects.toMatchObject({ kind: 'usage', where: file });
});

it('leaves no file of its own where a folder has the name of one of them', async () => {
  await mkdir(join(folder, 'report.html'));
  const files = { 'results.json': '{}', 'report.html': 'x' };
  await expect(writeRun(folder, files)).rejects.toMatchObject({
    code: 'NOT_A_FILE',
    where: join(folder, 'report.html'),
  });
  expect(await readdir(folder)).toEqual(['report.html']);
});

it('leaves the files of one run where several write into one folder', async () => {
  const runs = Array.from({ length: 6 }, (_, run) =>
    writeRun(folder, { 'a.json': String(run).repeat(1000), 'b.json': String(run).repeat(2000) }),
  );
  await Promise.all(runs);
  const [a, b] = await Promise.all(['a.json', 'b.json'].map(name => readFile(join(folder, name), 'utf8')));
  expect([a!.length, b]).toEqual([1000, a! + a!]);
  expect((await readdir(folder)).sort()).toEqual(['a.json', 'b.json']);
});
