import { appendFile, open, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type ExtractToStoreOptions,
  extract,
  extractToStore,
  openFeatureStore,
  preset,
} from '../src/index.ts';
import { resumeFeatureStore } from '../src/store/open-writer.ts';
import { runChild } from './children/run-child.ts';
import { describedModel, planeMeans } from './models.ts';
import { colors, png, small, streamed } from './samples.ts';
import { temporaryFolder } from './temporary.ts';

const options: ExtractToStoreOptions = { preprocessing: small, batchSize: 4, rowsPerBatch: 4 };

/** Extracts the first rows, then stops as by an error of the model. */
async function interrupted(path: string, count: number, after: number): Promise<void> {
  let rows = 0;
  const model = describedModel({
    onRun: n => {
      if (rows >= after) throw new Error('stopped here');
      rows += n;
    },
  });
  await expect(extractToStore(path, model, streamed(await colors(count)), options)).rejects.toThrow(
    'stopped here',
  );
}

async function expectSameAsInMemory(path: string, count: number): Promise<void> {
  const wanted = await extract(planeMeans(), streamed(await colors(count)), {
    preprocessing: small,
    batchSize: 4,
  });
  const store = await openFeatureStore(path);
  const got = await store.readAll();
  await store.close();
  expect(got.ids).toEqual(wanted.ids);
  expect(got.features.data).toEqual(wanted.features.data);
  expect(got.logits!.data).toEqual(wanted.logits!.data);
  expect(got.labels).toEqual(wanted.labels);
  expect(got.indices).toEqual(wanted.indices);
}

describe('resuming', () => {
  test('after kill -9 goes on from the last complete batch, and gives the store of an undisturbed run', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    const child = runChild('extract-slowly.ts', [path, '200', '60']);
    await child.waitFor(/^24$/m);
    child.process.kill('SIGKILL');
    expect(await child.exited).toMatchObject({ signal: 'SIGKILL' });
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    const { size } = await stat(`${path}.incomplete`);
    expect(size).toBeGreaterThan(0);

    let computed = 0;
    const model = describedModel({ onRun: n => void (computed += n) });
    const result = await extractToStore(path, model, streamed(await colors(200)), options);
    expect(result.reusedRows).toBeGreaterThanOrEqual(20);
    expect(computed).toBe(200 - result.reusedRows);
    await expectSameAsInMemory(path, 200);

    const whole = join(await temporaryFolder(), 'store.arrow');
    await extractToStore(whole, describedModel(), streamed(await colors(200)), options);
    expect(await readFile(path)).toEqual(await readFile(whole));
  });

  test.each([1, 9, 100, 400])('cuts a batch that is torn %i bytes before its end', async torn => {
    const path = join(await temporaryFolder(), 'store.arrow');
    await interrupted(path, 20, 12);
    const { size } = await stat(`${path}.incomplete`);
    await truncate(`${path}.incomplete`, size - torn);
    const result = await extractToStore(path, describedModel(), streamed(await colors(20)), options);
    expect(result.reusedRows).toBe(8);
    await expectSameAsInMemory(path, 20);
  });

  test.each([0, 3, 10, 15, 16, 500])('begins anew where only the first %i bytes were written', async size => {
    const path = join(await temporaryFolder(), 'store.arrow');
    await interrupted(path, 20, 12);
    await truncate(`${path}.incomplete`, size);
    const result = await extractToStore(path, describedModel(), streamed(await colors(20)), options);
    expect(result.reusedRows).toBe(0);
    await expectSameAsInMemory(path, 20);
  });

  test('does not take another file for an unfinished store, nor delete it', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    await writeFile(`${path}.incomplete`, 'my notes');
    await expect(
      extractToStore(path, describedModel(), streamed(await colors(3)), options),
    ).rejects.toMatchObject({ code: 'CORRUPT_FILE', message: expect.stringMatching(/delete the file/) });
    expect(await readFile(`${path}.incomplete`, 'utf8')).toBe('my notes');
  });

  test('a damaged beginning is a typed error', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    await interrupted(path, 20, 12);
    const bytes = await readFile(`${path}.incomplete`);
    bytes[bytes.indexOf('{"classes"') + 1] = 33;
    await writeFile(`${path}.incomplete`, bytes);
    await expect(
      extractToStore(path, describedModel(), streamed(await colors(20)), options),
    ).rejects.toMatchObject({ code: 'CORRUPT_FILE', message: expect.stringMatching(/expected .*, got .*;/) });
  });

  test('drops a last batch that a power failure left as zeros', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    await interrupted(path, 20, 12);
    const { size } = await stat(`${path}.incomplete`);
    const file = await open(`${path}.incomplete`, 'r+');
    await file.write(Buffer.alloc(128), 0, 128, size - 128);
    await file.close();
    const result = await extractToStore(path, describedModel(), streamed(await colors(20)), options);
    expect(result.reusedRows).toBe(8);
    await expectSameAsInMemory(path, 20);
  });

  test('ignores junk behind the last batch', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    await interrupted(path, 20, 12);
    await appendFile(`${path}.incomplete`, 'some junk that is no message at all');
    expect(
      (await extractToStore(path, describedModel(), streamed(await colors(20)), options)).reusedRows,
    ).toBe(12);
    await expectSameAsInMemory(path, 20);
  });

  test('keeps the list of unreadable images, also of those before the interruption', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    const samples = await colors(20);
    samples[1] = { id: 'empty', bytes: new Uint8Array() };
    samples[18] = { id: 'cut', bytes: (await png(1, 2, 3, 64)).subarray(0, 60) };
    let runs = 0;
    const failing = describedModel({
      onRun: () => {
        if (++runs === 3) throw new Error('stopped here');
      },
    });
    await expect(extractToStore(path, failing, streamed(samples), options)).rejects.toThrow('stopped here');
    const result = await extractToStore(path, describedModel(), streamed(samples), options);
    expect(result).toMatchObject({ rows: 18, reusedRows: 8 });
    expect(result.failures.map(f => [f.index, f.id, f.code])).toEqual([
      [1, 'empty', 'IMAGE_EMPTY'],
      [18, 'cut', 'IMAGE_CORRUPT'],
    ]);
    const store = await openFeatureStore(path);
    expect(store.failures).toEqual(result.failures);
    await store.close();
  });

  test('an aborted run keeps what it has', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    const controller = new AbortController();
    const run = extractToStore(path, describedModel(), streamed(await colors(40)), {
      ...options,
      rowsPerBatch: 1000,
      signal: controller.signal,
      onProgress: ({ rows }) => {
        if (rows === 16) controller.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    const result = await extractToStore(path, describedModel(), streamed(await colors(40)), options);
    expect(result.reusedRows).toBeGreaterThanOrEqual(12);
    await expectSameAsInMemory(path, 40);
  });

  test('reports progress from where it stopped', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    await interrupted(path, 20, 12);
    const seen: unknown[] = [];
    let time = 0;
    await extractToStore(
      path,
      describedModel({ onRun: () => void (time += 1000) }),
      streamed(await colors(20)),
      {
        ...options,
        now: () => time,
        onProgress: progress => seen.push(progress),
      },
    );
    expect(seen[0]).toEqual({
      stage: 'extracting',
      done: 16,
      total: 20,
      rows: 16,
      failures: 0,
      imagesPerSecond: 4,
      secondsLeft: 1,
    });
  });

  test('a full disk is a clear error, loses nothing that was complete, and the run goes on afterwards', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    const child = runChild('extract-slowly.ts', [path, '200', '0'], 'ulimit -f 24');
    const { code } = await child.exited;
    expect(child.output()).toMatch(/^DISK_FULL: .*EFBIG.*; raise it \(ulimit -f\)/m);
    expect(code).toBe(3);
    const result = await extractToStore(path, describedModel(), streamed(await colors(200)), options);
    expect(result.reusedRows).toBeGreaterThanOrEqual(4);
    expect(result.rows).toBe(200);
    await expectSameAsInMemory(path, 200);
  });
});

describe('reusing', () => {
  test('a finished store of the same provenance is taken without running the model', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    await extractToStore(path, describedModel(), streamed(await colors(10)), options);
    const model = describedModel({
      onRun: () => {
        throw new Error('must not run');
      },
    });
    const result = await extractToStore(path, model, streamed(await colors(10)), options);
    expect(result).toMatchObject({ rows: 10, reusedRows: 10 });
  });

  test('comparing ids only reads no sample', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    const samples = await colors(10);
    await extractToStore(path, describedModel(), streamed(samples), options);
    const indexed = {
      ...streamed(samples, () => {
        throw new Error('must not read');
      }),
      read: async () => {
        throw new Error('must not read');
      },
      key: (index: number) => samples[index]!,
    };
    const result = await extractToStore(path, describedModel(), indexed, { ...options, verify: 'ids' });
    expect(result.reusedRows).toBe(10);
  });

  const images = async () => colors(10);
  const replaced = async () => {
    const samples = await colors(10);
    samples[3] = { ...samples[3]!, bytes: await png(77, 77, 77) };
    return samples;
  };
  test.each<[string, () => Promise<unknown[]>]>([
    [
      'model',
      async () => [describedModel({ sha256: 'b'.repeat(64) }), await images(), options, /model bytes/],
    ],
    ['layer', async () => [describedModel({ layer: 'other' }), await images(), options, /layer/]],
    [
      'preprocessing',
      async () => [
        describedModel(),
        await images(),
        { ...options, preprocessing: { ...small, filter: 'bicubic' } },
        /preprocessing/,
      ],
    ],
    [
      'shard',
      async () => [describedModel(), await images(), { ...options, shard: { index: 0, count: 2 } }, /shard/],
    ],
    [
      'element type',
      async () => [describedModel(), await images(), { ...options, element: 'float16' }, /float16/],
    ],
    [
      'input that was replaced under its name',
      async () => [describedModel(), await replaced(), options, /contents/],
    ],
    ['shorter input', async () => [describedModel(), await colors(9), options, /inputs up to position 9/]],
    [
      'longer input',
      async () => [describedModel(), await colors(11), options, /inputs to end after position 9/],
    ],
    ['order', async () => [describedModel(), (await images()).reverse(), options, /order/]],
    [
      'label',
      async () => [describedModel(), (await images()).map(s => ({ ...s, label: 7 })), options, /labels/],
    ],
  ])('a store of another %s is refused, finished or not', async (_, make) => {
    const [model, samples, changed, message] = (await make()) as [
      ReturnType<typeof describedModel>,
      Awaited<ReturnType<typeof colors>>,
      ExtractToStoreOptions,
      RegExp,
    ];
    const path = join(await temporaryFolder(), 'store.arrow');
    await extractToStore(path, describedModel(), streamed(await colors(10)), options);
    const expected = { code: 'STORE_MISMATCH', message: expect.stringMatching(message) };
    await expect(extractToStore(path, model, streamed(samples), changed)).rejects.toMatchObject(expected);

    await rename(path, `${path}.incomplete`);
    const unfinished = extractToStore(path, model, streamed(samples), changed);
    if (samples.length > 10) await expect(unfinished).resolves.toMatchObject({ rows: 11, reusedRows: 10 });
    else await expect(unfinished).rejects.toMatchObject(expected);

    const again = await extractToStore(path, model, streamed(samples), { ...changed, ifExists: 'overwrite' });
    expect(again.reusedRows).toBe(0);
  });

  test('opening with expectations refuses a store of another model', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    await extractToStore(path, describedModel(), streamed(await colors(5)), options);
    const other = { sha256: 'b'.repeat(64), layer: 'pool', pooling: 'none' };
    await expect(openFeatureStore(path, { expect: { model: other } })).rejects.toMatchObject({
      code: 'STORE_MISMATCH',
    });
    await expect(openFeatureStore(path, { expect: { preprocessing: preset('clip') } })).rejects.toMatchObject(
      {
        code: 'STORE_MISMATCH',
      },
    );
    await (await openFeatureStore(path, { expect: { model: { ...other, sha256: 'a'.repeat(64) } } })).close();
  });

  test('fails on an existing store where asked to', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    await writeFile(path, 'x');
    const run = extractToStore(path, describedModel(), streamed(await colors(5)), {
      ...options,
      ifExists: 'fail',
    });
    await expect(run).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  });

  test('nothing to resume is null, not an error', async () => {
    expect(await resumeFeatureStore(join(await temporaryFolder(), 'none.arrow'))).toBeNull();
  });
});
