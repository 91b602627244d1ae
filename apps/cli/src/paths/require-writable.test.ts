import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { memoryIo } from '../../test/memory-io.ts';
import { EXIT } from '../errors.ts';
import { main } from '../main.ts';
import { requireWritableFolder } from './require-writable.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-out-'));
  await writeFile(join(folder, 'file'), '');
});
afterAll(() => rm(folder, { recursive: true }));

it('accepts folders that are there or could be made, and leaves nothing there', async () => {
  await requireWritableFolder(folder);
  await requireWritableFolder(join(folder, 'new', 'run'));
  expect(await readdir(folder)).toEqual(['file']);
});

it.each([['file'], ['file/run']])('names the file in the way of %s', async path => {
  await expect(requireWritableFolder(join(folder, path))).rejects.toThrow(
    `--out ${join(folder, path)}: expected a folder, got the file ${join(folder, 'file')}; choose another path`,
  );
});

it.skipIf(process.platform !== 'linux')('refuses a folder that nobody may write into', async () => {
  await expect(requireWritableFolder('/sys/ood')).rejects.toThrow(
    /^--out \/sys\/ood: expected to write into \/sys, got [a-z -]+ \(E\w+\); choose/,
  );
});

it.each(['demo', 'eval .'])('is asked before any work by ood %s', async command => {
  const { io, written } = memoryIo();
  expect(await main([...command.split(' '), '--out', join(folder, 'file')], io)).toBe(EXIT.usage);
  expect(written.stderr).toMatch(/^error: --out .+: expected a folder, got the file/);
});
