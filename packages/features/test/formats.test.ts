import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ArrayType,
  exportFeatures,
  float16ToFloat32,
  float32ToFloat16,
  importFeatures,
  type NumericArray,
  openFeatureStore,
  openNpy,
  readNpy,
  readSafetensors,
  toMatrix,
  writeNpy,
  writeSafetensors,
} from '../src/index.ts';
import { temporaryFolder } from './temporary.ts';

const arrays: NumericArray[] = [
  { type: 'float32', dims: [2, 3], data: Float32Array.of(1.5, -2, 3, 4, 5e30, -0) },
  { type: 'float64', dims: [3], data: Float64Array.of(1 / 3, 2, -1e300) },
  { type: 'float16', dims: [2, 1], data: Uint16Array.of(0x3c00, 0xc000) },
  { type: 'int8', dims: [2], data: Int8Array.of(-128, 127) },
  { type: 'uint8', dims: [1, 1, 3], data: Uint8Array.of(0, 128, 255) },
  { type: 'int16', dims: [2], data: Int16Array.of(-32768, 32767) },
  { type: 'uint16', dims: [1], data: Uint16Array.of(65535) },
  { type: 'int32', dims: [2, 2], data: Int32Array.of(1, -2, 3, -4) },
  { type: 'uint32', dims: [1], data: Uint32Array.of(4294967295) },
  { type: 'int64', dims: [2], data: BigInt64Array.of(-5n, 2n ** 62n) },
  { type: 'uint64', dims: [1], data: BigUint64Array.of(2n ** 63n) },
  { type: 'bool', dims: [3], data: Uint8Array.of(1, 0, 1) },
  { type: 'float32', dims: [], data: Float32Array.of(7) },
  { type: 'float32', dims: [0, 4], data: new Float32Array() },
];

describe('.npy', () => {
  test.each(arrays)('$type $dims survives a round trip', async array => {
    const path = join(await temporaryFolder(), 'a.npy');
    await writeNpy(path, array);
    expect(await readNpy(path)).toEqual(array);
  });

  test.each(['c1-f4', 'c2-f8', 'c3-f2', 'big-endian-f4', 'c1-i8', 'fortran-1d'])(
    'reads what NumPy wrote: %s',
    async name => {
      const golden: Record<string, { dims: number[]; values: number[] }> = JSON.parse(
        await readFile(new URL('./golden/npy/expected.json', import.meta.url), 'utf8'),
      );
      const { dims, values } = golden[name]!;
      const array = await readNpy(new URL(`./golden/npy/${name}.npy`, import.meta.url).pathname);
      const numbers = array.type === 'float16' ? float16ToFloat32(array.data) : array.data;
      expect(array.dims).toEqual(dims);
      expect(Array.from(numbers as Float32Array, Number)).toEqual(values);
    },
  );

  test('reads rows without the rest', async () => {
    const path = join(await temporaryFolder(), 'a.npy');
    await writeNpy(path, {
      type: 'int32',
      dims: [10, 2],
      data: Int32Array.from({ length: 20 }, (_, i) => i),
    });
    const file = await openNpy(path);
    expect(await file.readRows(3, 5)).toEqual({
      type: 'int32',
      dims: [2, 2],
      data: Int32Array.of(6, 7, 8, 9),
    });
    await expect(file.readRows(9, 11)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await file.close();
  });

  const header = (text: string) =>
    Buffer.concat([
      Buffer.from([0x93]),
      Buffer.from('NUMPY'),
      Buffer.from([1, 0, text.length, 0]),
      Buffer.from(text),
    ]);
  test.each<[string, string, Buffer]>([
    ['another file', 'UNSUPPORTED', Buffer.from('this is not an array')],
    ['an empty file', 'UNSUPPORTED', Buffer.alloc(0)],
    ['pickled objects', 'UNSUPPORTED', header("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }")],
    [
      'structures',
      'UNSUPPORTED',
      header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }"),
    ],
    ['Fortran order', 'UNSUPPORTED', header("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }")],
    [
      'a negative shape',
      'CORRUPT_FILE',
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }"),
    ],
    ['a header without a shape', 'CORRUPT_FILE', header("{'descr': '<f4', 'fortran_order': False, }")],
    [
      'too few values',
      'CORRUPT_FILE',
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (2000,), }"),
    ],
    [
      'a cut header',
      'CORRUPT_FILE',
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }").subarray(0, 30),
    ],
    [
      'a newer format',
      'NEWER_VERSION',
      Buffer.concat([Buffer.from('\x93NUMPY\x04\0', 'latin1'), Buffer.alloc(20)]),
    ],
  ])('refuses %s', async (_, code, bytes) => {
    const path = join(await temporaryFolder(), 'a.npy');
    await writeFile(path, bytes);
    await expect(readNpy(path)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/expected .*, got .*;/),
    });
  });

  test('reads a shape of the long integers of Python 2', async () => {
    const path = join(await temporaryFolder(), 'a.npy');
    await writeFile(
      path,
      Buffer.concat([
        header("{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 1L), }"),
        Buffer.of(7, 8),
      ]),
    );
    expect(await readNpy(path)).toEqual({ type: 'uint8', dims: [2, 1], data: Uint8Array.of(7, 8) });
  });

  test('names a missing file', async () => {
    await expect(readNpy('/nowhere/a.npy')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});

describe('.safetensors', () => {
  test('all types survive a round trip in one file', async () => {
    const path = join(await temporaryFolder(), 'a.safetensors');
    const tensors = Object.fromEntries(arrays.map((array, i) => [`t${i}`, array]));
    await writeSafetensors(path, tensors, { layer: 'avgpool' });
    const file = await readSafetensors(path);
    expect(file).toEqual({ tensors, metadata: { layer: 'avgpool' } });
    expect(Object.keys((await readSafetensors(path, ['t3', 't0'])).tensors)).toEqual(['t3', 't0']);
  });

  const file = (header: unknown, data = Buffer.alloc(0)) => {
    const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, data]);
  };

  test('widens bfloat16', async () => {
    const path = join(await temporaryFolder(), 'a.safetensors');
    const header = { x: { dtype: 'BF16', shape: [3], data_offsets: [0, 6] } };
    await writeFile(path, file(header, Buffer.from([0x80, 0x3f, 0x00, 0xc0, 0x49, 0x40])));
    const { tensors } = await readSafetensors(path);
    expect(tensors.x).toEqual({ type: 'float32', dims: [3], data: Float32Array.of(1, -2, 3.140625) });
  });

  const entry = (more: object) => ({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...more } });
  test.each<[string, string, Buffer]>([
    ['another file', 'UNSUPPORTED', Buffer.from('this is not a tensor file')],
    ['an empty file', 'UNSUPPORTED', Buffer.alloc(0)],
    ['a header that is no JSON', 'CORRUPT_FILE', file('{"x": ')],
    ['a header that is a list', 'CORRUPT_FILE', file([1, 2])],
    ['an entry that is a number', 'CORRUPT_FILE', file({ x: 5 })],
    ['an entry without a shape', 'CORRUPT_FILE', file(entry({ shape: undefined }), Buffer.alloc(8))],
    ['an entry without offsets', 'CORRUPT_FILE', file(entry({ data_offsets: undefined }), Buffer.alloc(8))],
    ['a negative shape', 'CORRUPT_FILE', file(entry({ shape: [-1, -2] }), Buffer.alloc(8))],
    ['a broken shape', 'CORRUPT_FILE', file(entry({ shape: [0.5, 4] }), Buffer.alloc(8))],
    ['an unknown type', 'UNSUPPORTED', file(entry({ dtype: 'F8_E4M3' }), Buffer.alloc(8))],
    ['offsets beyond the end', 'CORRUPT_FILE', file(entry({}), Buffer.alloc(4))],
    ['offsets against the shape', 'CORRUPT_FILE', file(entry({ shape: [3] }), Buffer.alloc(8))],
  ])('refuses %s', async (_, code, bytes) => {
    const path = join(await temporaryFolder(), 'a.safetensors');
    await writeFile(path, bytes);
    await expect(readSafetensors(path)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/expected .*, got .*;/),
    });
  });

  test('lists the tensors when asked for another', async () => {
    const path = join(await temporaryFolder(), 'a.safetensors');
    await writeSafetensors(path, { features: arrays[0]! });
    await expect(readSafetensors(path, ['logits'])).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('got only features'),
    });
  });
});

describe('importing features of other tools', () => {
  const features: NumericArray = { type: 'float64', dims: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) };
  const logits: NumericArray = {
    type: 'float16',
    dims: [3, 1],
    data: Uint16Array.of(0x3c00, 0x4000, 0x4200),
  };
  const labels: NumericArray = { type: 'int64', dims: [3], data: BigInt64Array.of(0n, 1n, 0n) };
  const expected = {
    features: { rows: 3, cols: 2, data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    logits: { rows: 3, cols: 1, data: Float32Array.of(1, 2, 3) },
    labels: Int32Array.of(0, 1, 0),
    ids: ['0', '1', '2'],
    indices: Float64Array.of(0, 1, 2),
  };

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
      await writeSafetensors(path('all.safetensors'), { features, logits, labels });
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
      const { tensors } = await readSafetensors(path('again.safetensors'));
      expect(toMatrix(tensors.features!, 'x')).toEqual(expected.features);
      expect(toMatrix(tensors.logits!, 'z')).toEqual(expected.logits);
      expect(tensors.labels!.data).toEqual(expected.labels);
    }
  });

  test.each<[string, string, NumericArray, NumericArray]>([
    [
      'NaN',
      'NON_FINITE',
      { ...features, data: Float64Array.of(1, 2, Number.NaN, 4, 5, 6) } as NumericArray,
      labels,
    ],
    ['other row counts', 'SAMPLE_INVALID', features, { type: 'int32', dims: [2], data: Int32Array.of(0, 1) }],
    [
      'labels that are no classes',
      'SAMPLE_INVALID',
      features,
      { type: 'float32', dims: [3], data: Float32Array.of(0, 0.5, 1) },
    ],
    [
      'one-hot labels',
      'SAMPLE_INVALID',
      features,
      { type: 'float32', dims: [3, 2], data: Float32Array.of(1, 0, 0, 1, 1, 0) },
    ],
    [
      'labels below −1',
      'SAMPLE_INVALID',
      features,
      { type: 'int32', dims: [3], data: Int32Array.of(0, -5, 1) },
    ],
    [
      'a scalar',
      'SAMPLE_INVALID',
      { type: 'float32', dims: [], data: Float32Array.of(1) },
      { type: 'int32', dims: [0], data: new Int32Array() },
    ],
    [
      'rows without columns',
      'INVALID_OPTION',
      { type: 'float32', dims: [3, 0], data: new Float32Array() },
      labels,
    ],
    [
      'no rows',
      'EMPTY_INPUT',
      { type: 'float32', dims: [0, 2], data: new Float32Array() },
      { type: 'int32', dims: [0], data: new Int32Array() },
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
  await writeNpy(path('x.npy'), { type: 'float32', dims: [3, 1], data: Float32Array.of(1, 2, 3) });
  await writeNpy(path('y.npy'), { type: 'float64', dims, data: Float64Array.of(2, -1, 0) });
  await importFeatures(path('s.arrow'), { features: path('x.npy'), labels: path('y.npy') });
  const store = await openFeatureStore(path('s.arrow'));
  expect((await store.readAll()).labels).toEqual(Int32Array.of(2, -1, 0));
  await store.close();
});

test('an error about labels or logits names their file', async () => {
  const folder = await temporaryFolder();
  const path = (name: string) => join(folder, name);
  const write = (name: string, ...data: number[]) =>
    writeNpy(path(name), { type: 'float32', dims: [data.length], data: Float32Array.from(data) });
  await Promise.all([write('x.npy', 1, 2), write('bad-y.npy', 0, 0.5), write('bad-z.npy', 1, Number.NaN)]);
  const importing = (files: object) => importFeatures(path('s.arrow'), { features: path('x.npy'), ...files });
  await expect(importing({ labels: path('bad-y.npy') })).rejects.toThrow(
    /bad-y\.npy: expected class indices/,
  );
  await expect(importing({ logits: path('bad-z.npy') })).rejects.toThrow(
    /bad-z\.npy: expected finite logits/,
  );
});

test('a missing file leaves no other open', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'x.npy');
  await writeNpy(path, { type: 'float32', dims: [2, 1], data: Float32Array.of(1, 2) });
  const openDescriptors = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
  const before = await openDescriptors();
  for (let i = 0; i < 10; i++)
    await expect(
      importFeatures(join(folder, 's.arrow'), { features: path, labels: join(folder, 'none.npy') }),
    ).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  expect((await openDescriptors()) - before).toBeLessThan(5);
});

describe('half floats', () => {
  test('every half float survives the way through float32', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, h) => h).filter(
      h => (h & 0x7c00) !== 0x7c00 || (h & 0x3ff) === 0,
    );
    expect(float32ToFloat16(float16ToFloat32(all))).toEqual(all);
  });

  test('rounding is to the nearest, ties to even', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65519, max: 65519 }), x => {
        const [bits] = float32ToFloat16(Float32Array.of(x));
        const near = [bits! - 1, bits!, bits! + 1].filter(h => h >= 0 && (h & 0x7c00) !== 0x7c00);
        const distances = [...float16ToFloat32(Uint16Array.from(near))].map(value => Math.abs(value - x));
        const own = Math.abs(float16ToFloat32(Uint16Array.of(bits!))[0]! - x);
        expect(own).toBe(Math.min(...distances));
        if (distances.filter(d => d === own).length > 1 && own > 0) expect(bits! % 2).toBe(0);
      }),
    );
    expect([
      ...float32ToFloat16(Float32Array.of(65520, -65520, Number.POSITIVE_INFINITY, 2 ** -25, 1.5 * 2 ** -25)),
    ]).toEqual([0x7c00, 0xfc00, 0x7c00, 0, 1]);
    expect(float16ToFloat32(float32ToFloat16(Float32Array.of(Number.NaN)))[0]).toBeNaN();
  });
});

test('array types are all covered by the round trips', () => {
  const types: Record<ArrayType, true> = {
    float32: true,
    float64: true,
    float16: true,
    int8: true,
    uint8: true,
    int16: true,
    uint16: true,
    int32: true,
    uint32: true,
    int64: true,
    uint64: true,
    bool: true,
  };
  expect(new Set(arrays.map(array => array.type))).toEqual(new Set(Object.keys(types)));
});
