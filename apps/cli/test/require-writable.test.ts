import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../src/main.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-out-'));
  await writeFile(join(folder, 'file'), '');
});
afterAll(() => rm(folder, { recursive: true }));

it.each(['demo', 'eval .'])('is asked before any work by ood %s', async command => {
  const { io, written } = memoryIo();
  expect(await main([...command.split(' '), '--out', join(folder, 'file')], io)).toBe(EXIT.usage);
  expect(written.stderr).toMatch(/^error: --out .+: expected a folder, got the file/);
  expect(await readdir(folder)).toEqual(['file']);
});
