import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isOodError } from '@ood/core';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFeatureStore, type FeatureBatch, openFeatureStore, type StoredElement } from '../src/index.ts';
import { temporaryFolder } from './temporary.ts';

const header = (element: StoredElement = 'float32', classes: number | undefined = 2) => ({
  layout: { dim: 5, classes, element },
  provenance: {
    model: { sha256: 'a'.repeat(64), layer: 'pool', pooling: 'none' },
    preprocessing: null,
    shard: { index: 0, count: 1 },
  },
});

/** Rows `from … from + rows − 1` of a matrix whose entries are row + column / 8: exact in half precision. */
function rowsFrom(from: number, rows: number): FeatureBatch {
  const fill = (cols: number) => ({
    rows,
    cols,
    data: Float32Array.from({ length: rows * cols }, (_, i) => from + Math.floor(i / cols) + (i % cols) / 8),
  });
  const positions = Array.from({ length: rows }, (_, i) => from + i);
  return {
    features: fill(5),
    logits: fill(2),
    labels: Int32Array.from(positions, p => (p % 4 === 3 ? -1 : p % 4)),
    ids: positions.map(p => `müsli/${p}.png`),
    indices: Float64Array.from(positions),
  };
}

async function written(element: StoredElement = 'float32', sizes = [7, 1, 12, 10]): Promise<string> {
  const path = join(await temporaryFolder(), 'store.arrow');
  const writer = await createFeatureStore(path, header(element), { rowsPerBatch: 8 });
  let from = 0;
  for (const size of sizes) {
    await writer.append(rowsFrom(from, size));
    from += size;
  }
  await writer.finish();
  return path;
}

describe.each<StoredElement>(['float32', 'float16'])('a store of %s', element => {
  test('gives back what was written', async () => {
    const store = await openFeatureStore(await written(element));
    expect(store).toMatchObject({ rows: 30, dim: 5, classes: 2, element, batchRows: [8, 12, 10] });
    expect(await store.readAll()).toEqual(rowsFrom(0, 30));
    await store.close();
  });

  test('reads any batch and any range of rows, in any order', async () => {
    const store = await openFeatureStore(await written(element));
    expect(await store.readBatch(2)).toEqual(rowsFrom(20, 10));
    expect(await store.readBatch(0)).toEqual(rowsFrom(0, 8));
    expect(await store.readRows(5, 25)).toEqual(rowsFrom(5, 20));
    expect(await store.readRows(9, 10)).toEqual(rowsFrom(9, 1));
    expect((await store.readRows(4, 4)).ids).toEqual([]);
    await store.close();
  });

  test('streams batch by batch', async () => {
    const store = await openFeatureStore(await written(element));
    const rows: number[] = [];
    for await (const batch of store.batches()) rows.push(batch.ids.length);
    expect(rows).toEqual([8, 12, 10]);
    await store.close();
  });

  test('is an Arrow file that the reference implementation reads', async () => {
    const table = tableFromIPC(await readFile(await written(element)));
    expect(table.numRows).toBe(30);
    expect(table.schema.fields.map(f => `${f.name}: ${f.type}`)).toEqual([
      'id: Utf8',
      'index: Int64',
      'label: Int32',
      `features: FixedSizeList[5]<${element === 'float32' ? 'Float32' : 'Float16'}>`,
      `logits: FixedSizeList[2]<${element === 'float32' ? 'Float32' : 'Float16'}>`,
    ]);
    const all = rowsFrom(0, 30);
    table.toArray().forEach((row, i) => {
      expect(row.id).toBe(all.ids[i]);
      expect(Number(row.index)).toBe(i);
      expect(row.label).toBe(i % 4 === 3 ? null : i % 4);
      expect([...row.features].map(Number)).toEqual([...all.features.data.subarray(i * 5, i * 5 + 5)]);
      expect([...row.logits].map(Number)).toEqual([...all.logits!.data.subarray(i * 2, i * 2 + 2)]);
    });
  });
});

describe('a store', () => {
  test('can do without logits', async () => {
    const path = join(await temporaryFolder(), 'deep', 'store.arrow');
    const writer = await createFeatureStore(path, {
      layout: { dim: 5, element: 'float32' },
      provenance: null,
    });
    const { logits: _, ...batch } = rowsFrom(0, 3);
    await writer.append(batch);
    await writer.finish();
    const store = await openFeatureStore(path);
    expect(store.classes).toBeUndefined();
    expect(await store.readAll()).toEqual(batch);
    await store.close();
  });

  test('takes any id, even unpaired surrogates', async () => {
    const path = join(await temporaryFolder(), 'store.arrow');
    const writer = await createFeatureStore(path, header());
    await writer.append({ ...rowsFrom(0, 3), ids: ['\ud83d', '\ude00', ''] });
    await writer.finish();
    const store = await openFeatureStore(path);
    expect((await store.readAll()).ids).toEqual(['\ufffd', '\ufffd', '']);
    await store.close();
  });

  test('of the same rows has the same bytes', async () => {
    expect(await readFile(await written())).toEqual(await readFile(await written()));
  });

  test('aligns its columns to 64 bytes in the file', async () => {
    const bytes = await readFile(await written('float32', [8]));
    const values = Buffer.from(rowsFrom(0, 8).features.data.buffer);
    expect(bytes.indexOf(values) % 64).toBe(0);
  });

  test('stops reading when aborted', async () => {
    const store = await openFeatureStore(await written());
    const controller = new AbortController();
    const run = (async () => {
      for await (const _ of store.batches({ signal: controller.signal })) controller.abort();
    })();
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    await store.close();
  });
});

test.each<StoredElement>(['float32', 'float16'])(
  'a store of %s with any bit changed is refused, or has the same rows',
  async element => {
    const path = await written(element);
    const bytes = await readFile(path);
    const whole = await everythingIn(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async bit => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        await writeFile(path, changed);
        const read = await everythingIn(path).catch((error: unknown) => {
          expect(isOodError(error)).toBe(true);
          return whole;
        });
        expect(read).toEqual(whole);
      }),
      { numRuns: 600 },
    );
  },
);

async function everythingIn(path: string) {
  const store = await openFeatureStore(path);
  try {
    const { rows, dim, classes, provenance, batchRows } = store;
    return { rows, dim, classes, provenance, batchRows, all: await store.readAll() };
  } finally {
    await store.close();
  }
}

describe('what a store refuses', () => {
  const open = (path: string) => openFeatureStore(path);
  test.each<[string, string, (path: string) => Promise<unknown>]>([
    ['a missing file', 'FILE_NOT_FOUND', path => open(`${path}.none`)],
    [
      'an unfinished store',
      'STORE_INCOMPLETE',
      async path => {
        const writer = await createFeatureStore(`${path}.new`, header());
        await writer.append(rowsFrom(0, 3));
        await writer.close();
        return open(`${path}.new`);
      },
    ],
    [
      'another kind of file',
      'FOREIGN_FILE',
      async path => {
        await writeFile(path, 'a text that is long enough to be read');
        return open(path);
      },
    ],
    [
      'an empty file',
      'FOREIGN_FILE',
      async path => {
        await writeFile(path, '');
        return open(path);
      },
    ],
    [
      'a truncated file',
      'CORRUPT_FILE',
      async path => {
        await truncate(path, (await readFile(path)).length - 20);
        return open(path);
      },
    ],
    [
      'a newer version',
      'NEWER_VERSION',
      async path => {
        await writeFile(path, replaceAll(await readFile(path), 'ood.version\0', '2', '9'));
        return open(path);
      },
    ],
    [
      'an older version, which had no checksum over its descriptions',
      'UNSUPPORTED',
      async path => {
        await writeFile(path, replaceAll(await readFile(path), 'ood.version\0', '2', '1'));
        return open(path);
      },
    ],
    ...(
      [
        ['another layer in both descriptions', '"layer":"', 'x'],
        ['another model in both descriptions', '"sha256":"', 'b'],
        ['another hash of the inputs', '"content":"', 'x'],
        ['another position of the input', '"next":', '9'],
      ] as const
    ).map(([name, marker, value]): [string, string, (path: string) => Promise<unknown>] => [
      name,
      'CORRUPT_FILE',
      async path => {
        const bytes = await readFile(path);
        let found = 0;
        for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 1), found++)
          bytes[at + marker.length] = value.charCodeAt(0);
        expect(found).toBeGreaterThan(0);
        await writeFile(path, bytes);
        return open(path);
      },
    ]),
    [
      'an Arrow file of something else',
      'FOREIGN_FILE',
      async path => {
        await writeFile(
          path,
          Buffer.from(
            (await readFile(path))
              .toString('latin1')
              .replaceAll('feature-store', 'fish-and-chips'.slice(0, 13)),
            'latin1',
          ),
        );
        return open(path);
      },
    ],
    [
      'a changed value',
      'CORRUPT_FILE',
      async path => {
        const bytes = await readFile(path);
        const at = bytes.indexOf(Buffer.from('müsli/12.png'));
        bytes[at] = 65;
        await writeFile(path, bytes);
        const store = await open(path);
        return store.readAll().finally(() => store.close());
      },
    ],
    [
      'a batch that is not there',
      'INVALID_OPTION',
      async path => {
        const store = await open(path);
        return store.readBatch(3).finally(() => store.close());
      },
    ],
    [
      'rows that are not there',
      'INVALID_OPTION',
      async path => {
        const store = await open(path);
        return store.readRows(20, 31).finally(() => store.close());
      },
    ],
    ['a path that is taken', 'FILE_EXISTS', path => createFeatureStore(path, header())],
    [
      'a folder that cannot be made',
      'NOT_A_FOLDER',
      path => createFeatureStore(join(path, 'x.arrow'), header()),
    ],
    [
      'rows of another length',
      'STORE_MISMATCH',
      async path => {
        const writer = await createFeatureStore(`${path}.new`, {
          layout: { dim: 4, element: 'float32' },
          provenance: null,
        });
        return writer.append(rowsFrom(0, 3)).finally(() => writer.close());
      },
    ],
    [
      'a column that is shorter than the others',
      'WRONG_SHAPE',
      async path => {
        const writer = await createFeatureStore(`${path}.new`, header());
        return writer
          .append({ ...rowsFrom(0, 3), labels: Int32Array.of(1, 2) })
          .finally(() => writer.close());
      },
    ],
    [
      'a layout without columns',
      'INVALID_OPTION',
      path => createFeatureStore(`${path}.new`, { layout: { dim: 0, element: 'float32' }, provenance: null }),
    ],
    [
      'values that would become infinite as float16',
      'NON_FINITE',
      async path => {
        const writer = await createFeatureStore(`${path}.new`, header('float16'), { rowsPerBatch: 1 });
        const rows = rowsFrom(0, 3);
        rows.features.data[7] = 65_520;
        return writer.append(rows).finally(() => writer.close().catch(() => undefined));
      },
    ],
    [
      'rows after the end',
      'CLOSED',
      async path => {
        const writer = await createFeatureStore(`${path}.new`, header());
        await writer.finish();
        return writer.append(rowsFrom(0, 1));
      },
    ],
  ])('%s: %s', async (_, code, act) => {
    await expect(act(await written())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/expected .*, got .*;/),
    });
  });
});

/** Replaces the value that follows each occurrence of a flatbuffer string. */
function replaceAll(bytes: Buffer, key: string, from: string, to: string): Buffer {
  let at = 0;
  let found = 0;
  while ((at = bytes.indexOf(key, at)) >= 0) {
    const value = findNear(bytes, at, from);
    if (value >= 0) {
      bytes[value] = to.charCodeAt(0);
      found++;
    }
    at += key.length;
  }
  expect(found).toBeGreaterThan(0);
  return bytes;
}

/** Position of a one-character flatbuffer string (length 1, the character, zero) close to `at`. */
function findNear(bytes: Buffer, at: number, character: string): number {
  const pattern = Buffer.from([1, 0, 0, 0, character.charCodeAt(0), 0]);
  return bytes.subarray(Math.max(0, at - 64), at + 64).indexOf(pattern) < 0
    ? -1
    : Math.max(0, at - 64) + bytes.subarray(Math.max(0, at - 64), at + 64).indexOf(pattern) + 4;
}
