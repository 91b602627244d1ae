import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  createFeatureStore,
  type ExtractToStoreOptions,
  extractToStore,
  importFeatures,
  openFeatureFile,
  openFeatureStore,
} from '../src/index.ts';
import { runChild } from './children/run-child.ts';
import { describedModel } from './models.ts';
import { colors, small, streamed } from './samples.ts';
import { temporaryFolder } from './temporary.ts';

const options: ExtractToStoreOptions = { preprocessing: small, batchSize: 4, rowsPerBatch: 4 };
const rowsOf = async (path: string) => {
  const store = await openFeatureStore(path);
  await store.close();
  return store.rows;
};

describe('two writers of one store', () => {
  test('in two processes: the second is refused, and the first is not disturbed', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    const child = runChild('extract-slowly.ts', [path, '60', '60']);
    await child.waitFor(/^8$/m);
    for (const count of [60, 20])
      await expect(
        extractToStore(path, describedModel(), streamed(await colors(count)), options),
      ).rejects.toMatchObject({
        code: 'LOCKED',
        kind: 'environment',
        got: `process ${child.process.pid} on ${(await import('node:os')).hostname()}`,
      });
    await expect(
      extractToStore(path, describedModel(), streamed(await colors(20)), {
        ...options,
        ifExists: 'overwrite',
      }),
    ).rejects.toMatchObject({ code: 'LOCKED' });
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(await rowsOf(path)).toBe(60);
  });

  test('after a killed one: its lock is taken over, and its rows are', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    const child = runChild('extract-slowly.ts', [path, '60', '60']);
    await child.waitFor(/^16$/m);
    child.process.kill('SIGKILL');
    await child.exited;
    const result = await extractToStore(path, describedModel(), streamed(await colors(60)), options);
    expect(result.reusedRows).toBeGreaterThanOrEqual(12);
    expect(result.rows).toBe(60);
  });

  test('in one process, also by hand; and nothing stays locked', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'store.arrow');
    const header = { layout: { dim: 3, classes: 2, element: 'float32' as const }, provenance: null };
    const writer = await createFeatureStore(path, header);
    await expect(createFeatureStore(path, header)).rejects.toMatchObject({ code: 'LOCKED' });
    await expect(
      extractToStore(path, describedModel(), streamed(await colors(4)), options),
    ).rejects.toMatchObject({ code: 'LOCKED' });
    await writer.close();
    await expect(
      extractToStore(path, describedModel(), streamed([]), { ...options, ifExists: 'overwrite' }),
    ).rejects.toMatchObject({ code: 'EMPTY_INPUT' });
    await extractToStore(path, describedModel(), streamed(await colors(8)), options);
    expect(await readdir(folder)).toEqual(['store.arrow']);
  });
});

describe('overwriting', () => {
  test('leaves the old store until the new one is whole', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    await extractToStore(path, describedModel(), streamed(await colors(8)), options);
    const old = await readFile(path);
    const failing = describedModel({
      sha256: 'b'.repeat(64),
      onRun: async () => {
        expect(await readFile(path)).toEqual(old);
        throw new Error('stopped here');
      },
    });
    const overwrite = { ...options, ifExists: 'overwrite' } as const;
    await expect(extractToStore(path, failing, streamed(await colors(12)), overwrite)).rejects.toThrow(
      'stopped here',
    );
    expect(await readFile(path)).toEqual(old);
    const other = describedModel({ sha256: 'b'.repeat(64) });
    await extractToStore(path, other, streamed(await colors(12)), overwrite);
    expect(await rowsOf(path)).toBe(12);
  });
});

describe.skipIf(process.platform === 'win32')('only plain files are read', () => {
  const pipe = async () => {
    const path = join(await temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    return path;
  };
  const device = async () => '/dev/zero';
  const folder = temporaryFolder;

  test.each([
    ['a pipe', pipe],
    ['a device', device],
    ['a folder', folder],
  ])('%s is refused at once as a store, features or output', async (_, make) => {
    const path = await make();
    const refused = { code: 'NOT_A_FILE', kind: 'usage' };
    await expect(openFeatureStore(path)).rejects.toMatchObject(refused);
    await expect(openFeatureFile(path)).rejects.toMatchObject(refused);
    await expect(importFeatures('never.arrow', { features: path })).rejects.toMatchObject(refused);
    await expect(
      extractToStore(path, describedModel(), streamed(await colors(1)), options),
    ).rejects.toMatchObject(refused);
  });

  test('an unfinished store that is a pipe', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    execFileSync('mkfifo', [`${path}.incomplete`]);
    await expect(
      extractToStore(path, describedModel(), streamed(await colors(1)), options),
    ).rejects.toMatchObject({ code: 'NOT_A_FILE' });
  });

  test('a store in a folder that is a file', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, 'text');
    await expect(
      extractToStore(join(path, 's.arrow'), describedModel(), streamed(await colors(1)), options),
    ).rejects.toMatchObject({ code: 'NOT_A_FOLDER' });
  });
});
