import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DenseArray, decodeNpy, decodeSafetensors, encodeNpy, encodeSafetensors } from '@ood/core';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { exportFeatures, importFeatures, openFeatureFile, openFeatureStore, toMatrix } from '../src/index.ts';
import { temporaryFolder } from './temporary.ts';

const writeNpy = (path: string, array: DenseArray) => writeFile(path, encodeNpy(array));
const readNpy = async (path: string) => decodeNpy(await readFile(path), path);
const caseOf = (name: string) =>
  new URL(`cases/files/10-healthy-arrow-called-damaged/${name}`, import.meta.url).pathname;

describe('importing features of other tools', () => {
  const features: DenseArray = { shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) };
  const logits: DenseArray = {
    type: 'float16',
    shape: [3, 1],
    data: Uint16Array.of(0x3c00, 0x4000, 0x4200),
  };
  const labels: DenseArray = { shape: [3], data: BigInt64Array.of(0n, 1n, 0n) };
  const expected = {
    features: { rows: 3, cols: 2, data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    logits: { rows: 3, cols: 1, data: Float32Array.of(1, 2, 3) },
    labels: Int32Array.of(0, 1, 0),
    ids: ['0', '1', '2'],
    indices: Float64Array.of(0, 1, 2),
  };

  test.each([undefined, {}, 'f.npy', { features: 3 }])('names the files that %j lacks', async files => {
    await expect(importFeatures('s.arrow', files as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining("{ features: 'features.npy' }"),
    });
  });

  test.each(['.npy', '.safetensors'])('%s files become a store', async ending => {
    const folder = await temporaryFolder();
    const path = (name: string) => join(folder, name);
    if (ending === '.npy') {
      await writeNpy(path('f.npy'), features);
      await writeNpy(path('z.npy'), logits);
      await writeNpy(path('y.npy'), labels);
      const files = { features: path('f.npy'), logits: path('z.npy'), labels: path('y.npy') };
      expect(await importFeatures(path('s.arrow'), files)).toBe(3);
    } else {
      await writeFile(path('all.safetensors'), encodeSafetensors({ arrays: { features, logits, labels } }));
      expect(await importFeatures(path('s.arrow'), { features: path('all.safetensors') })).toBe(3);
    }
    const store = await openFeatureStore(path('s.arrow'));
    expect(store.provenance).toBeNull();
    expect(await store.readAll()).toEqual(expected);
    await exportFeatures(await store.readAll(), {
      features: path(`again${ending}`),
      logits: path('again-z.npy'),
      labels: path('again-y.npy'),
    });
    await store.close();
    if (ending === '.npy') {
      expect(toMatrix(await readNpy(path('again.npy')), 'x')).toEqual(expected.features);
      expect(toMatrix(await readNpy(path('again-z.npy')), 'z')).toEqual(expected.logits);
      expect((await readNpy(path('again-y.npy'))).data).toEqual(expected.labels);
    } else {
      const file = path('again.safetensors');
      const { arrays } = decodeSafetensors(await readFile(file), file);
      expect(toMatrix(arrays.features!, 'x')).toEqual(expected.features);
      expect(toMatrix(arrays.logits!, 'z')).toEqual(expected.logits);
      expect(arrays.labels!.data).toEqual(expected.labels);
    }
  });

  test.each<[string, string, DenseArray, DenseArray]>([
    [
      'NaN',
      'NON_FINITE',
      { ...features, data: Float64Array.of(1, 2, Number.NaN, 4, 5, 6) } as DenseArray,
      labels,
    ],
    ['other row counts', 'WRONG_SHAPE', features, { shape: [2], data: Int32Array.of(0, 1) }],
    [
      'labels that are no classes',
      'INVALID_VALUE',
      features,
      { shape: [3], data: Float32Array.of(0, 0.5, 1) },
    ],
    ['one-hot labels', 'WRONG_SHAPE', features, { shape: [3, 2], data: Float32Array.of(1, 0, 0, 1, 1, 0) }],
    ['labels below −1', 'INVALID_VALUE', features, { shape: [3], data: Int32Array.of(0, -5, 1) }],
    [
      'a scalar',
      'WRONG_SHAPE',
      { shape: [], data: Float32Array.of(1) },
      { shape: [0], data: new Int32Array() },
    ],
    ['rows without columns', 'EMPTY_INPUT', { shape: [3, 0], data: new Float32Array() }, labels],
    [
      'no rows',
      'EMPTY_INPUT',
      { shape: [0, 2], data: new Float32Array() },
      { shape: [0], data: new Int32Array() },
    ],
  ])('refuses %s', async (_, code, x, y) => {
    const folder = await temporaryFolder();
    await writeNpy(join(folder, 'x.npy'), x);
    await writeNpy(join(folder, 'y.npy'), y);
    const files = { features: join(folder, 'x.npy'), labels: join(folder, 'y.npy') };
    await expect(importFeatures(join(folder, 's.arrow'), files)).rejects.toMatchObject({ code });
  });
});

test.each([[3], [3, 1]])('labels may have the shape %d, %d', async (...dims) => {
  const folder = await temporaryFolder();
  const path = (name: string) => join(folder, name);
  await writeNpy(path('x.npy'), { shape: [3, 1], data: Float32Array.of(1, 2, 3) });
  await writeNpy(path('y.npy'), { shape: dims, data: Float64Array.of(2, -1, 0) });
  await importFeatures(path('s.arrow'), { features: path('x.npy'), labels: path('y.npy') });
  const store = await openFeatureStore(path('s.arrow'));
  expect((await store.readAll()).labels).toEqual(Int32Array.of(2, -1, 0));
  await store.close();
});

test('an error about labels or logits names their file', async () => {
  const folder = await temporaryFolder();
  const path = (name: string) => join(folder, name);
  const write = (name: string, ...data: number[]) =>
    writeNpy(path(name), { shape: [data.length], data: Float32Array.from(data) });
  await Promise.all([write('x.npy', 1, 2), write('bad-y.npy', 0, 0.5), write('bad-z.npy', 1, Number.NaN)]);
  const importing = (files: object) => importFeatures(path('s.arrow'), { features: path('x.npy'), ...files });
  await expect(importing({ labels: path('bad-y.npy') })).rejects.toThrow(
    /bad-y\.npy: expected class indices/,
  );
  await expect(importing({ logits: path('bad-z.npy') })).rejects.toThrow(
    /bad-z\.npy: expected finite numbers in logits/,
  );
});

test('a missing file leaves no other open', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'x.npy');
  await writeNpy(path, { shape: [2, 1], data: Float32Array.of(1, 2) });
  const openDescriptors = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
  const before = await openDescriptors();
  for (let i = 0; i < 10; i++)
    await expect(
      importFeatures(join(folder, 's.arrow'), { features: path, labels: join(folder, 'none.npy') }),
    ).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  expect((await openDescriptors()) - before).toBeLessThan(5);
});

describe('openFeatureFile', () => {
  const features: DenseArray = { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  const first = async (path: string, options = {}) => {
    const file = await openFeatureFile(path, options);
    const { features, ids } = await file.readRows(0, Math.min(2, file.rows));
    await file.close();
    return { kind: file.kind, rows: file.rows, dim: file.dim, values: [...features.data.slice(0, 2)], ids };
  };

  test.each([
    ['polars.arrow', {}, { kind: 'arrow', dim: 12, ids: ['s0', 's1'] }],
    ['polars-arr.arrow', {}, { kind: 'arrow', dim: 12, ids: ['0', '1'] }],
    ['z.npz', {}, { kind: 'npz', dim: 12, ids: ['0', '1'] }],
    ['othername.safetensors', { columns: { features: 'emb' } }, { kind: 'safetensors', dim: 12 }],
  ])('reads %s, which is not damaged', async (name, options, expected) => {
    const read = await first(caseOf(name), options);
    expect(read).toMatchObject({ ...expected, rows: 400 });
    expect(read.values[0]).toBeCloseTo(0.1257302165, 6);
  });

  test('says which names there are, and how to choose', async () => {
    await expect(openFeatureFile(caseOf('othername.safetensors'))).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      got: 'arrays "emb"',
      advice: expect.stringContaining('columns: { features: "emb" }'),
      details: { names: ['emb'] },
    });
    await expect(openFeatureFile(caseOf('z.npz'), { columns: { logits: 'z' } })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      got: 'arrays "features"',
    });
  });

  test('an Arrow file of others becomes a store, with its ids', async () => {
    const path = join(await temporaryFolder(), 's.arrow');
    expect(await importFeatures(path, { features: caseOf('polars.arrow') })).toBe(400);
    const store = await openFeatureStore(path);
    expect((await store.readRows(398, 400)).ids).toEqual(['s398', 's399']);
    await store.close();
    expect(await first(path)).toMatchObject({ kind: 'store', rows: 400 });
    await expect(openFeatureStore(caseOf('polars.arrow'))).rejects.toMatchObject({
      code: 'FOREIGN_FILE',
      advice: expect.stringContaining('importFeatures'),
    });
  });

  test('reads arrays of an archive by their names', async () => {
    const path = join(await temporaryFolder(), 'a.npz');
    const labels: DenseArray = { shape: [3], data: Int32Array.of(2, 0, 1) };
    await writeFile(path, zipSync({ 'x.npy': encodeNpy(features), 'label.npy': encodeNpy(labels) }));
    const file = await openFeatureFile(path, { columns: { features: 'x' } });
    expect((await file.readRows(1, 3)).labels).toEqual(Int32Array.of(0, 1));
  });

  test('reads columns after rows: Fortran order', async () => {
    const path = join(await temporaryFolder(), 'f.npy');
    const bytes = Buffer.from(encodeNpy({ shape: [3, 2], data: Float32Array.of(1, 3, 5, 2, 4, 6) }));
    bytes.write(bytes.toString('latin1').replace('False', 'True '), 'latin1');
    await writeFile(path, bytes);
    const file = await openFeatureFile(path);
    expect((await file.readRows(1, 3)).features.data).toEqual(Float32Array.of(3, 4, 5, 6));
    await file.close();
  });

  const ragged = () => tableToIPC(tableFromArrays({ features: [[1, 2], [3]] }), 'file');
  test.each<[string, string, RegExp, () => Uint8Array | string]>([
    ['rows of unequal lengths', 'WRONG_SHAPE', /1 in row 1 after rows of 2/, ragged],
    [
      'texts for features',
      'WRONG_SHAPE',
      /a list of as many numbers/,
      () => tableToIPC(tableFromArrays({ features: ['a', 'b'] }), 'file'),
    ],
    [
      'a torn Parquet file',
      'CORRUPT_FILE',
      /a whole Parquet file, got one that does not parse/,
      () => 'PAR1 and more than this',
    ],
    ['a pickle', 'FOREIGN_FILE', /got a pickle/, () => '\x80\x04 and more than this'],
    [
      'a text that is no table',
      'INVALID_OPTION',
      /features under the name "features"/,
      () => 'Dear reader\nhello\n',
    ],
    ['nothing', 'FOREIGN_FILE', /got another kind/, () => ''],
    [
      'a torn archive',
      'CORRUPT_FILE',
      /does not unpack/,
      () => zipSync({ 'x.npy': encodeNpy(features) }).slice(0, 60),
    ],
    ['a torn Arrow file', 'CORRUPT_FILE', /footer within the file|parse/, () => ragged().slice(0, 300)],
    [
      'an Arrow file whose footer leads back to the schema, which would be read for ever',
      'CORRUPT_FILE',
      /a batch of rows at byte \d+, got something else/,
      () =>
        readFileSync(new URL('cases/hostile/arrow-block-of-a-schema', import.meta.url)).toString('latin1'),
    ],
  ])('refuses %s with a reason', async (_, code, message, make) => {
    const path = join(await temporaryFolder(), 'file');
    const made = make();
    await writeFile(path, typeof made === 'string' ? Buffer.from(made, 'latin1') : made);
    await expect(openFeatureFile(path)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
