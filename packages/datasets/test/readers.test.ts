import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../src/bytes/byte-source.ts';
import {
  cifar,
  collect,
  csvVectors,
  idxImages,
  imageFolder,
  imageList,
  npyImages,
  npyVectors,
  openFile,
  openNpy,
  openNpz,
  readMat5,
  svhn,
  toMatrix,
} from '../src/index.ts';
import { cifarBytes, idxBytes, matBytes, npyBytes } from './support/make-files.ts';
import { makeZip } from './support/make-zip.ts';
import { tempFolder } from './support/temp-folder.ts';

const folder = tempFolder();
const file = (name: string, content: Uint8Array | string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('CIFAR in binary', () => {
  it('gives interleaved pixels and labels, from several files, plain or gzip', async () => {
    const first = cifarBytes([3, 9]);
    const samples = await cifar([file('batch.bin', first), gzipSync(cifarBytes([0]))]);
    expect(samples.length).toBe(3);
    const all = await collect(samples);
    expect(all.map(({ id, label }) => [id, label])).toEqual([
      ['cifar10/000000', 3],
      ['cifar10/000001', 9],
      ['cifar10/000002', 0],
    ]);
    const { width, height, channels, data } = all[1]!.pixels;
    expect([width, height, channels]).toEqual([32, 32, 3]);
    const at = 3073 + 1 + 5 * 32 + 7;
    expect([...data.subarray((5 * 32 + 7) * 3, (5 * 32 + 8) * 3)]).toEqual(
      [at, at + 1024, at + 2048].map(i => first[i]),
    );
    expect((await samples.read(2)).label).toBe(0);
  });

  it('of 100 classes gives fine or coarse labels', async () => {
    const bytes = Buffer.concat([Buffer.of(19, 99), Buffer.alloc(3072)]);
    expect((await cifar(bytes, { variant: 'cifar100' })).key(0).label).toBe(99);
    expect((await cifar(bytes, { variant: 'cifar100-coarse' })).key(0).label).toBe(19);
  });

  it.each([
    ['a record cut short', cifarBytes([1]).subarray(0, 3000), 'CORRUPT_FILE'],
    ['no record', new Uint8Array(), 'CORRUPT_FILE'],
    ['a label of 10', cifarBytes([10]), 'CORRUPT_FILE'],
  ])('is refused with %s', async (_, bytes, code) => {
    await expect(cifar(bytes)).rejects.toMatchObject({ name: 'DatasetError', code });
  });
});

describe('IDX', () => {
  it('gives grey images and labels, plain or gzip', async () => {
    const images = idxBytes(
      [2, 3, 2],
      Uint8Array.from({ length: 12 }, (_, i) => i),
    );
    const samples = await idxImages(gzipSync(images), {
      labels: idxBytes([2], Uint8Array.of(7, 1)),
      name: 'mnist',
    });
    expect(await samples.read(1)).toEqual({
      id: 'mnist/000001',
      label: 1,
      pixels: { width: 2, height: 3, channels: 1, data: Uint8Array.of(6, 7, 8, 9, 10, 11) },
    });
    expect((await idxImages(images)).key(0)).toEqual({ id: 'idx/000000' });
  });

  const images = idxBytes([2, 1, 1], Uint8Array.of(1, 2));
  it.each([
    ['another magic number', Buffer.from('PNG!PNG!PNG!PNG!'), undefined, 'FOREIGN_FILE'],
    ['labels in place of images', idxBytes([2], Uint8Array.of(1, 2)), undefined, 'UNSUPPORTED'],
    ['fewer bytes than its sizes say', images.subarray(0, 17), undefined, 'CORRUPT_FILE'],
    ['more bytes than its sizes say', Buffer.concat([images, Buffer.of(1)]), undefined, 'CORRUPT_FILE'],
    ['labels of another length', images, idxBytes([3], Uint8Array.of(1, 2, 3)), 'CORRUPT_FILE'],
    [
      'billions of images of nothing',
      idxBytes([2 ** 32 - 1, 0, 28], new Uint8Array()),
      undefined,
      'CORRUPT_FILE',
    ],
    [
      'sizes beyond any file',
      idxBytes([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], new Uint8Array()),
      undefined,
      'CORRUPT_FILE',
    ],
  ])('is refused with %s', async (_, bytes, labels, code) => {
    await expect(idxImages(bytes, labels === undefined ? {} : { labels })).rejects.toMatchObject({ code });
  });
});

describe('SVHN', () => {
  const columns = (n: number) => Uint8Array.from({ length: 3072 * n }, (_, i) => (i * 7) % 251);
  it.each(['compressed', 'plain'] as const)(
    'gives rows of interleaved pixels from %s columns',
    async storage => {
      const x = columns(3);
      const mat = matBytes(
        [
          { name: 'X', dims: [32, 32, 3, 3], type: 2, data: x },
          { name: 'y', dims: [3, 1], type: 2, data: Uint8Array.of(10, 1, 9) },
        ],
        storage,
      );
      const samples = await svhn(file(`${storage}.mat`, mat));
      expect(samples.length).toBe(3);
      const all = await collect(samples);
      expect(all.map(sample => sample.label)).toEqual([0, 1, 9]);
      const [row, column, channel, image] = [4, 11, 2, 2];
      expect(all[image]!.pixels.data[(row * 32 + column) * 3 + channel]).toBe(
        x[image * 3072 + channel * 1024 + column * 32 + row],
      );
    },
  );

  it('of one image has no fourth size, as MATLAB drops it', async () => {
    const mat = matBytes([
      { name: 'X', dims: [32, 32, 3], type: 2, data: columns(1) },
      { name: 'y', dims: [1, 1], type: 9, data: new Uint8Array(Float64Array.of(4).buffer) },
    ]);
    expect((await collect(await svhn(mat))).map(sample => sample.label)).toEqual([4]);
  });

  it('reads the labels before the images where they come first, and short names inside their tags', async () => {
    const arrays = await readMat5(
      bytesSource(matBytes([{ name: 'y', dims: [2, 1], type: 2, data: Uint8Array.of(1, 2) }])),
    );
    expect(arrays.map(({ name, dims, type, bytes }) => ({ name, dims, type, bytes }))).toEqual([
      { name: 'y', dims: [2, 1], type: 2, bytes: 2 },
    ]);
  });

  const good = matBytes([{ name: 'X', dims: [32, 32, 3, 1], type: 2, data: columns(1) }]);
  const labeled = (label: number) =>
    matBytes([
      { name: 'X', dims: [32, 32, 3, 1], type: 2, data: columns(1) },
      { name: 'y', dims: [1, 1], type: 9, data: new Uint8Array(Float64Array.of(label).buffer) },
    ]);
  const hdf5 = Buffer.from(good);
  hdf5.writeUInt16LE(0x0200, 124);
  it.each([
    ['no labels', good, 'CORRUPT_FILE'],
    ['labels that are no digits', labeled(11), 'CORRUPT_FILE'],
    ['a label that is not a number', labeled(Number.NaN), 'CORRUPT_FILE'],
    ['version 7.3', hdf5, 'UNSUPPORTED'],
    ['half a file', good.subarray(0, 300), 'CORRUPT_FILE'],
    ['another file', Buffer.alloc(1000, 65), 'FOREIGN_FILE'],
    ['nothing', new Uint8Array(), 'FOREIGN_FILE'],
  ])('is refused with %s', async (_, bytes, code) => {
    await expect(svhn(bytes)).rejects.toMatchObject({ name: 'DatasetError', code });
  });
});

describe('numpy arrays', () => {
  it.each([
    ['<f4', [1.5, -2, 0.25, 8], [1.5, -2, 0.25, 8]],
    ['>f8', [1.5, -2, 0.1, 8], [1.5, -2, Math.fround(0.1), 8]],
    ['<f2', [0x3e00, 0xc000, 0x0001, 0x7bff], [1.5, -2, 2 ** -24, 65504]],
    ['<i8', [1, -2, 3, 4], [1, -2, 3, 4]],
    ['|u1', [1, 254, 3, 4], [1, 254, 3, 4]],
    ['>i2', [1, -2, 300, 4], [1, -2, 300, 4]],
    ['|b1', [1, 0, 1, 1], [1, 0, 1, 1]],
  ])('of type %s become float32 rows', async (type, numbers, expected) => {
    const samples = await npyVectors(npyBytes(type, [2, 2], numbers), { name: 'f' });
    const matrix = await toMatrix(samples);
    expect([matrix.rows, matrix.cols, [...matrix.data]]).toEqual([2, 2, expected]);
    expect(matrix.ids).toEqual(['f/000000', 'f/000001']);
  });

  it('carry labels from a second file', async () => {
    const samples = await npyVectors(npyBytes('<f4', [2, 1], [5, 6]), {
      labels: npyBytes('<i4', [2], [3, 1]),
    });
    expect(samples.key(1)).toEqual({ id: 'npy/000001', label: 1 });
    await expect(
      npyVectors(npyBytes('<f4', [2, 1], [5, 6]), { labels: npyBytes('<i4', [3], [3, 1, 2]) }),
    ).rejects.toMatchObject({ code: 'LABELS_DO_NOT_FIT' });
  });

  it.each([
    ['NaN', '<f4', Number.NaN, 'NaN (from float32)'],
    ['infinity', '<f2', 0x7c00, 'Infinity (from float16)'],
    ['a number beyond float32', '<f8', 1e300, 'Infinity (from float64)'],
  ])('are refused where a row holds %s, naming row and column', async (_, type, number, received) => {
    const samples = await npyVectors(npyBytes(type, [2, 2], [0, 0, 0, number]));
    await expect(samples.read(0)).resolves.toBeDefined();
    await expect(samples.read(1)).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
      message: expect.stringContaining(`row 1, column 1, got ${received}`),
    });
  });

  it('carry labels exactly, −1 for none, whatever their type', async () => {
    const labeled = async (type: string, numbers: number[]) => {
      const labels = npyBytes(type, [numbers.length, 1], numbers);
      const vectors = npyBytes(
        '<f4',
        [numbers.length],
        numbers.map(() => 0),
      );
      const samples = await npyVectors(vectors, { labels });
      return numbers.map((_, i) => samples.key(i).label);
    };
    expect(await labeled('<i8', [2 ** 24 + 1, -1, 7])).toEqual([2 ** 24 + 1, undefined, 7]);
    expect(await labeled('<f8', [3, -1])).toEqual([3, undefined]);
    for (const [type, wrong] of [
      ['<f4', Number.NaN],
      ['<f4', 1.5],
      ['<i8', 2 ** 31],
      ['<i4', -2],
    ] as const) {
      await expect(labeled(type, [0, wrong])).rejects.toMatchObject({
        code: 'LABELS_DO_NOT_FIT',
        message: expect.stringMatching(/row 1: expected the index of a class/),
      });
    }
  });

  it('of bytes become images', async () => {
    const samples = await npyImages(npyBytes('|u1', [1, 2, 1, 3], [1, 2, 3, 4, 5, 6]));
    expect((await samples.read(0)).pixels).toEqual({
      width: 1,
      height: 2,
      channels: 3,
      data: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
    await expect(npyImages(npyBytes('<f4', [1, 2, 2], [1, 2, 3, 4]))).rejects.toMatchObject({
      code: 'NOT_IMAGES',
    });
  });

  it('come out of .npz files by name', async () => {
    const bytes = makeZip([
      { name: 'features.npy', data: npyBytes('<f4', [1, 2], [1, 2]), deflate: true },
      { name: 'labels.npy', data: npyBytes('<i4', [1], [4]) },
    ]);
    const npz = await openNpz(file('arrays.npz', bytes));
    expect(npz.names).toEqual(['features', 'labels']);
    const samples = await npyVectors(await npz.array('features'), { labels: await npz.array('labels') });
    expect(await samples.read(0)).toEqual({ id: 'npy/000000', label: 4, vector: Float32Array.of(1, 2) });
    await expect(npz.array('gone')).rejects.toMatchObject({ code: 'MISSING_ENTRY' });
  });

  it.each([
    ['complex numbers', npyBytes('<c8', [1], [0]), 'UNSUPPORTED'],
    ['Python objects', npyBytes('|O', [1], [0]), 'UNSUPPORTED'],
    ['Fortran order', npyBytes('<f4', [2, 2], [1, 2, 3, 4], true), 'UNSUPPORTED'],
    ['fewer numbers than its shape', npyBytes('<f4', [9, 9], [1]), 'CORRUPT_FILE'],
    ['a shape beyond any file', npyBytes('<f4', [2 ** 40, 2 ** 40], [1]), 'CORRUPT_FILE'],
    ['more rows than any memory, of nothing', npyBytes('<f4', [2 ** 42, 0], []), 'UNSUPPORTED'],
    ['images without channels', npyBytes('|u1', [2, 5, 5, 0], []), 'UNSUPPORTED'],
    ['no magic number', Buffer.alloc(100), 'FOREIGN_FILE'],
    ['nothing', new Uint8Array(), 'FOREIGN_FILE'],
  ])('are refused with %s', async (_, bytes, code) => {
    await expect(openNpy(bytes)).rejects.toMatchObject({ code });
  });
});

describe('CSV', () => {
  it('gives vectors, labels, ids and groups', async () => {
    const text = 'x,y,kind,who,name\n1,2,cat,ann,a\n"3",-4e-1,"do""g",bob,b\r\n\n5,6,cat,ann,"c,c"\n';
    const samples = await csvVectors(file('vectors.csv', text), { label: 'kind', id: 'name', group: 'who' });
    expect([samples.length, samples.columns, samples.classes]).toEqual([3, ['x', 'y'], ['cat', 'do"g']]);
    expect(await collect(samples)).toEqual([
      { id: 'a', label: 0, group: 'ann', vector: Float32Array.of(1, 2) },
      { id: 'b', label: 1, group: 'bob', vector: Float32Array.of(3, -0.4) },
      { id: 'c,c', label: 0, group: 'ann', vector: Float32Array.of(5, 6) },
    ]);
  });

  it('needs no header, keeps whole-number labels, and takes other delimiters', async () => {
    const samples = await csvVectors(Buffer.from('1;2;7\n3;4;9'), { label: 2, delimiter: ';' });
    expect(await collect(samples)).toEqual([
      { id: 'csv/000000', label: 7, vector: Float32Array.of(1, 2) },
      { id: 'csv/000001', label: 9, vector: Float32Array.of(3, 4) },
    ]);
  });

  it('takes names for names and numbers for numbers, and asks where a first line holds both', async () => {
    const read = async (text: string, options: Parameters<typeof csvVectors>[1] = {}) => {
      const samples = await csvVectors(Buffer.from(text), options);
      return [samples.length, samples.columns.join()];
    };
    expect(await read('a,b\n1,2\n')).toEqual([1, 'a,b']);
    expect(await read('kind,0,1\ncat,1,2\n', { label: 'kind' })).toEqual([1, '0,1']);
    for (const text of ['cat,1,2\ndog,3,4\n', ',0,1\n0,3,4\n', '1,NaN,2\n1,2,3\n', '1,,2\n1,2,3\n']) {
      await expect(read(text, { label: 0 })).rejects.toThrow(/line 1, got .*header: true.*header: false/);
    }
    expect(await read('cat,1,2\ndog,3,4\n', { label: 0, header: false })).toEqual([2, '1,2']);
    expect(await read(',0,1\n0,3,4\n', { id: 0, header: true })).toEqual([1, '0,1']);
  });

  it('understands line breaks inside quotes, of any kind, and a byte-order mark', async () => {
    const text = '\ufeffx,y,"who\nis it"\n1,2,"two\r\nlines"\r\n\n3,4,"a ""b"", c"\r5,6,d';
    const samples = await csvVectors(Buffer.from(text), { label: 'who\nis it' });
    expect(samples.classes).toEqual(['a "b", c', 'd', 'two\r\nlines']);
    expect([0, 1, 2].map(i => samples.key(i).label)).toEqual([2, 0, 1]);
    expect((await samples.read(2)).vector).toEqual(Float32Array.of(5, 6));
  });

  it('reads gzip, and cells and characters that chunks of the file cut apart', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${i},"é, ""${i}""\n"`);
    const bytes = gzipSync(`number,name\n${rows.join('\n')}\n`);
    const samples = await csvVectors(bytes, { id: 'name' });
    expect([samples.length, samples.key(39_999).id]).toEqual([40_000, 'é, "39999"\n']);
    expect((await samples.read(39_999)).vector).toEqual(Float32Array.of(39_999));
  });

  it('keeps whole-number labels that a table program wrote as 3.0', async () => {
    const samples = await csvVectors(Buffer.from('x,y\n1,2.0\n1,10.0\n1,-1\n'), { label: 'y' });
    expect([0, 1, 2].map(i => samples.key(i).label)).toEqual([2, 10, -1]);
    expect(samples.classes).toBeUndefined();
  });

  it.each([
    ['a word among numbers', '1,2\n3,four\n', 'line 2'],
    ['an empty cell', '1,2\n3,\n', 'line 2'],
    ['an infinite number', '1,2\n3,1e99\n', 'line 2'],
    ['NaN', 'a,b\n1,NaN\n', 'line 2'],
    ['too few cells', '1,2\n3\n', 'line 2'],
    ['nothing', '', 'line 1'],
    ['a quote that never closes', '1,2\n3,"4\n', 'line 2'],
    ['a quote inside a cell', '1,2\n3,4"5\n', 'line 2'],
    ['a word after lines inside quotes', 'a,"b\nc"\n\n1,2\nx,3\n', 'column a in line 5'],
  ])('is refused with %s, naming the line', async (_, text, where) => {
    await expect(csvVectors(Buffer.from(text))).rejects.toMatchObject({
      name: 'DatasetError',
      message: expect.stringContaining(where),
    });
  });

  it('is refused where a column is asked for that is not there', async () => {
    await expect(csvVectors(Buffer.from('1,2'), { label: 0.5 })).rejects.toThrow(/column 0.5/);
    await expect(csvVectors(Buffer.from('a,b\n1,2'), { label: 'c' })).rejects.toThrow(/column "c".*a, b/);
  });
});

describe('an image folder', () => {
  const root = join(folder, 'images');
  for (const path of ['dog/10.png', 'dog/9.JPEG', 'cat/deep/1.webp', 'cat/.hidden.png', 'cat/notes.txt']) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), path);
  }

  it('takes classes from its first level, in sorted order', async () => {
    const samples = await imageFolder(root);
    expect(samples.classes).toEqual(['cat', 'dog']);
    expect(
      (await collect(samples)).map(({ id, label, bytes }) => [id, label, String(Buffer.from(bytes))]),
    ).toEqual([
      ['cat/deep/1.webp', 0, 'cat/deep/1.webp'],
      ['dog/10.png', 1, 'dog/10.png'],
      ['dog/9.JPEG', 1, 'dog/9.JPEG'],
    ]);
  });

  it('can be flat, or be read without classes', async () => {
    expect((await collect(await imageFolder(join(root, 'dog')))).map(({ id, label }) => [id, label])).toEqual(
      [
        ['10.png', undefined],
        ['9.JPEG', undefined],
      ],
    );
    expect((await imageFolder(root, { classes: 'none' })).key(0)).toEqual({ id: 'cat/deep/1.webp' });
  });

  it('follows links, but not in circles', async () => {
    const linked = join(folder, 'linked');
    mkdirSync(join(linked, 'a'), { recursive: true });
    symlinkSync(join(root, 'dog'), join(linked, 'b'));
    symlinkSync(linked, join(linked, 'a', 'again'));
    symlinkSync(join(folder, 'nowhere'), join(linked, 'broken.png'));
    expect((await collect(await imageFolder(linked))).map(sample => sample.id)).toEqual([
      'b/10.png',
      'b/9.JPEG',
    ]);
  });

  it('takes the names that browsers, cameras and systems give, and counts and names what it leaves out', async () => {
    const odd = join(folder, 'odd');
    mkdirSync(odd);
    const taken = ['a.jfif', 'b.jpe', 'c.PJPEG', 'd.jif', 'e.dib', 'f.apng', 'g.png', 'h.pgm', 'i.pjp'];
    for (const name of [...taken, 'no-extension', 'x.heic', '.hidden.png', 'line\nbreak.txt'])
      writeFileSync(join(odd, name), name);
    symlinkSync(join(folder, 'nowhere'), join(odd, 'dangling.png'));
    const { length, leftOut, key } = await imageFolder(odd);
    expect(Array.from({ length }, (_, i) => key(i).id)).toEqual(taken);
    expect(leftOut.count).toBe(4);
    expect([...leftOut.examples].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'dangling.png', reason: 'a link that leads nowhere' },
      { path: 'line\nbreak.txt', reason: 'not an image by its name' },
      { path: 'no-extension', reason: 'not an image by its name' },
      { path: 'x.heic', reason: 'not an image by its name' },
    ]);
    await expect(imageFolder(odd, { include: () => false })).rejects.toThrow(/got 13 others, e\.g\. "/);
  });

  it.skipIf(process.platform === 'win32')('neither lists nor waits for a pipe', async () => {
    const piped = join(folder, 'piped');
    mkdirSync(piped);
    execFileSync('mkfifo', [join(piped, 'pipe.png')]);
    writeFileSync(join(piped, 'a.png'), 'a');
    const samples = await imageFolder(piped);
    expect([samples.length, samples.leftOut.examples[0]?.reason]).toEqual([1, 'not a plain file']);
    const listed = await imageList(Buffer.from('pipe.png 1\n'), { root: piped });
    await expect(listed.read(0)).rejects.toMatchObject({ code: 'NOT_A_FILE' });
    // What was a file when the folder was listed.
    rmSync(join(piped, 'a.png'));
    execFileSync('mkfifo', [join(piped, 'a.png')]);
    await expect(samples.read(0)).rejects.toMatchObject({ code: 'NOT_A_FILE' });
    await expect(openFile(join(piped, 'a.png'))).rejects.toMatchObject({ code: 'NOT_A_FILE' });
  });

  it.each([
    [{ include: () => false }, 'NO_IMAGES'],
    [{ maxFiles: 2 }, 'TOO_LARGE'],
  ])('is refused with %j as %s', async (options, code) => {
    await expect(imageFolder(root, options)).rejects.toMatchObject({ code });
  });

  it('refuses to read a file that is too large', async () => {
    const samples = await imageFolder(root, { maxFileBytes: 5 });
    await expect(samples.read(0)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('is read through an image list, in its order', async () => {
    const list = Buffer.from(
      "dog/9.JPEG 4\ncat/deep/1.webp -1\ndog/10.png {'label': 2, 'x': [1, 2]}\n\ndog/10.png\n",
    );
    const samples = await imageList(list, { root });
    expect((await collect(samples)).map(({ id, label, bytes }) => [id, label, bytes.length])).toEqual([
      ['dog/9.JPEG', 4, 10],
      ['cat/deep/1.webp', undefined, 15],
      ['dog/10.png', 2, 10],
      ['dog/10.png', undefined, 10],
    ]);
  });

  it.each(['/etc/passwd 1', '../x.png 1', 'a/../../x.png 1', 'C:/x.png 1', 'a\\b.png 1', 'a.png {bad'])(
    'is not left by the line %j of an image list',
    async line => {
      await expect(imageList(Buffer.from(line), { root })).rejects.toMatchObject({
        name: 'DatasetError',
        message: expect.stringContaining('line 1'),
      });
    },
  );
});
