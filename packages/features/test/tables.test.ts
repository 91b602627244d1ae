import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFeatureFile } from '../src/index.ts';

/** Written by tooling/golden/tables.py. */
const golden = new URL('golden/tables', import.meta.url).pathname;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-tables-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
let files = 0;
const write = async (content: string | Uint8Array, ending = '.data') => {
  const path = join(folder, `table-${files++}${ending}`);
  await writeFile(path, content);
  return path;
};
const read = async (path: string, options = {}) => {
  const file = await openFeatureFile(path, options);
  try {
    return { ...(await file.readRows(0, file.rows)), kind: file.kind, columns: file.columns };
  } finally {
    await file.close();
  }
};
/** Columns as Parquet. Lists take a schema of their own. */
const parquet = (columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData'], options = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...options }));
const listSchema = (others: readonly object[] = []) => ({
  schema: [
    { name: 'root', num_children: 1 + others.length },
    { name: 'features', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: 'FLOAT', repetition_type: 'OPTIONAL' },
    ...others,
  ],
});

describe('a table of text', () => {
  it.each([
    ['commas', 'id,a,b,label\nx,1,2.5,0\ny,-3e1,.5,1\n'],
    ['tabs', 'id\ta\tb\tlabel\nx\t1\t2.5\t0\ny\t-3e1\t.5\t1\n'],
    ['semicolons', 'id;a;b;label\nx;1;2.5;0\ny;-3e1;.5;1\n'],
    [
      'lines of Windows, a mark and quotes',
      '\ufeff"id","a","b","label"\r\n"x","1","2.5","0"\r\n"y","-3e1",".5","1"',
    ],
  ])('is read with %s: numbers side by side, labels and ids where there are any', async (_what, text) => {
    expect(await read(await write(text))).toEqual({
      kind: 'csv',
      columns: ['a', 'b'],
      features: { rows: 2, cols: 2, data: Float32Array.of(1, 2.5, -30, 0.5) },
      labels: Int32Array.of(0, 1),
      ids: ['x', 'y'],
      indices: Float64Array.of(0, 1),
    });
  });

  it('needs no header where there are only numbers', async () => {
    const { features, ids, labels } = await read(await write('1,2\n3,4\n'));
    expect(features).toEqual({ rows: 2, cols: 2, data: Float32Array.of(1, 2, 3, 4) });
    expect(ids).toEqual(['0', '1']);
    expect([...labels]).toEqual([-1, -1]);
  });

  it('gives the columns that are named, in the order in which they are', async () => {
    const path = await write('name,a,b,c,class\nx,1,2,3,4\n');
    const columns = { features: ['c', 'a'], logits: ['b'], labels: 'class', ids: 'name' };
    const { features, logits, labels, ids } = await read(path, { columns });
    expect([[...features.data], [...logits!.data], [...labels], ids]).toEqual([[3, 1], [2], [4], ['x']]);
  });

  it('has NaN and infinity where cells say so or say nothing, for those who refuse and count them', async () => {
    const { features } = await read(await write('a,b\n1,\nnan,-inf\n'));
    expect([...features.data]).toEqual([1, Number.NaN, Number.NaN, Number.NEGATIVE_INFINITY]);
  });

  it.each<[string, string, object, RegExp]>([
    ['text among numbers', 'a,b\n1,2\n1,0x10\n', {}, /column 'b', row 1: expected a number, got "0x10"/],
    ['a row of another length', 'a,b\n1,2\n1\n', {}, /row 2: expected 2 cells, as in the first, got 1/],
    [
      'a first row of both',
      'x,1\ny,2\n',
      {},
      /first row of names, or of numbers alone, got "x", "1"; add a header/,
    ],
    ['a header with a name twice', 'a,a\n1,2\n', {}, /different names, got "a" twice/],
    ['no column of numbers', 'a\nx\n', {}, /features under the name "features", got arrays "a"/],
    ['a column that is not there', 'a\n1\n', { columns: { features: ['a', 'z'] } }, /under the name "z"/],
    ['no row', 'a,b\n', {}, /expected rows of features, got none/],
    ['an open quote', 'a,b\n1,"2\n', {}, /row \d: expected a row of cells/],
    ['a label that is none', 'a,label\n1,cat\n', {}, /column 'label': expected class indices/],
  ])('is refused with %s', async (_what, text, options, message) => {
    await expect(read(await write(text), options)).rejects.toThrow(message);
  });
});

describe('a Parquet file', () => {
  const lists = Array.from({ length: 2500 }, (_, row) => [row, row + 0.5, -row]);
  const labels = lists.map((_, row) => row % 3);

  it('is read in groups of rows, whatever piece is asked for', async () => {
    const path = await write(
      parquet(
        [
          { name: 'features', data: lists },
          { name: 'label', data: labels },
          { name: 'id', data: labels.map((_, row) => `r${row}`) },
        ],
        {
          rowGroupSize: 1000,
          ...listSchema([
            { name: 'label', type: 'INT32', repetition_type: 'REQUIRED' },
            { name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
          ]),
        },
      ),
    );
    const file = await openFeatureFile(path);
    expect([file.kind, file.rows, file.dim, file.columns]).toEqual(['parquet', 2500, 3, undefined]);
    for (const [start, end] of [
      [0, 2500],
      [990, 1010],
      [2499, 2500],
      [5, 5],
    ] as const) {
      const batch = await file.readRows(start, end);
      expect(batch.features.data).toEqual(Float32Array.from(lists.slice(start, end).flat()));
      expect([...batch.labels]).toEqual(labels.slice(start, end));
      expect(batch.ids[0]).toBe(start === end ? undefined : `r${start}`);
    }
    await file.close();
  });

  it.each(['fixed-zstd', 'half-gzip', 'double-brotli', 'double-snappy', 'double-lz4'])(
    'of pyarrow is read: %s',
    async name => {
      const { features, logits, labels, ids } = await read(`${golden}/${name}.parquet`);
      expect(features).toEqual({
        rows: 7,
        cols: 3,
        data: Float32Array.from({ length: 21 }, (_, i) => i / 4),
      });
      const halves = Array.from({ length: 7 }, (_, row) => [row * 1.5, row * 1.5 + 0.5]);
      expect(logits).toEqual({ rows: 7, cols: 2, data: Float32Array.from(halves.flat()) });
      expect([...labels]).toEqual([0, 1, 0, 1, 0, 1, 0]);
      expect(ids.at(-1)).toBe('row 6');
    },
  );

  it('of pyarrow with a column for each number is read', async () => {
    const { features, labels, columns } = await read(`${golden}/columns.parquet`);
    expect(columns).toEqual(['f0', 'f1', 'f2']);
    expect([...features.data.slice(0, 6)]).toEqual([0, 0, 0, 0.5, 1, 1.5]);
    expect([...labels]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('may have a column for each number, of any type', async () => {
    const path = await write(
      parquet([
        { name: 'a', data: Int32Array.of(1, 2), type: 'INT32' },
        { name: 'b', data: BigInt64Array.of(3n, -4n), type: 'INT64' },
        { name: 'c', data: Float64Array.of(0.5, 0.25), type: 'DOUBLE' },
        { name: 'd', data: [1, null], type: 'FLOAT' },
        { name: 'word', data: ['x', 'y'], type: 'STRING' },
      ]),
    );
    const { features, columns } = await read(path);
    expect(columns).toEqual(['a', 'b', 'c', 'd']);
    expect([...features.data]).toEqual([1, 3, 0.5, 1, 2, -4, 0.25, Number.NaN]);
    const chosen = await read(path, { columns: { features: ['c', 'a'], ids: 'word' } });
    expect([[...chosen.features.data], chosen.ids]).toEqual([
      [0.5, 1, 0.25, 2],
      ['x', 'y'],
    ]);
  });

  it('is refused with lists of several lengths, with text for numbers, and where it is torn', async () => {
    const uneven = await write(parquet([{ name: 'features', data: [[1, 2], [3]] }], listSchema()));
    await expect(read(uneven)).rejects.toThrow(
      /column 'features': expected a list of 2 numbers in each row, got 1 in row 1/,
    );
    const text = await write(parquet([{ name: 'features', data: ['x', 'y'], type: 'STRING' }]));
    await expect(read(text)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    const whole = parquet([{ name: 'features', data: lists }], listSchema());
    const torn: string[] = [];
    for (let cut = 8; cut < whole.length; cut += 97)
      torn.push(
        await read(await write(whole.subarray(0, cut))).then(
          () => 'read',
          (error: { code?: string }) => error.code ?? String(error),
        ),
      );
    expect(new Set(torn)).toEqual(new Set(['CORRUPT_FILE']));
  });
});

it('says of other files what it takes', async () => {
  await expect(openFeatureFile(await write(Uint8Array.of(0x89, 0x48, 0x44, 0x46, 1)))).rejects.toThrow(
    /feature store, \.npy, \.npz, \.safetensors, Arrow, Parquet or CSV, got an HDF5 file/,
  );
  await expect(openFeatureFile(await write(''))).rejects.toMatchObject({ code: 'FOREIGN_FILE' });
});
