import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  type CatalogEntry,
  catalog,
  collect,
  findDataset,
  openDataset,
  Store,
  withoutOverlap,
} from '../src/index.ts';
import { cifarBytes, idxBytes, matBytes } from './support/make-files.ts';
import { makeTar } from './support/make-tar.ts';
import { makeZip } from './support/make-zip.ts';
import { tempFolder } from './support/temp-folder.ts';

const root = tempFolder();
const store = new Store({ root, env: {}, offline: true });

describe('the catalog', () => {
  it('has the public data sets of the paper and of OpenOOD v1.5', () => {
    expect(catalog.map(entry => entry.name)).toEqual([
      'cifar10',
      'cifar100',
      'imagenet-1k',
      'tiny-imagenet',
      'mnist',
      'fashion-mnist',
      'svhn',
      'textures',
      'inaturalist',
      'sun',
      'places',
      'places365',
      'ssb-hard',
      'ninco',
      'openimage-o',
    ]);
  });

  it('names what it has where it is asked for something else', () => {
    expect(() => findDataset('imagenet')).toThrow(/cifar10, cifar100, imagenet-1k/);
  });

  it.each(catalog.map(entry => [entry.name, entry] as const))('describes %s in full', (_, entry) => {
    for (const text of [entry.title, entry.description, entry.license, entry.usage])
      expect(text).toMatch(/\S{3}/);
    expect(entry.citation).toMatch(/\b(19|20)\d\d\b/);
    expect(entry.homepage).toMatch(/^https?:\/\/\S+$/);
    for (const file of entry.files) {
      expect(file.name).toMatch(/^[\w.-]+$/);
      for (const url of file.urls) expect(() => new URL(url)).not.toThrow();
      if (file.sha256 !== undefined) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
      if (file.md5 !== undefined) expect(file.md5).toMatch(/^[0-9a-f]{32}$/);
      const known = file.sha256 ?? file.md5;
      if (known === undefined) expect(entry.unverified.join()).toMatch(/checksum/);
      if (file.bytes === undefined) expect(entry.unverified.join()).toMatch(/size/);
    }
    const names = entry.files.map(file => file.name);
    for (const { layout } of Object.values(entry.splits)) {
      const needed =
        layout.kind === 'idx'
          ? [layout.images, layout.labels]
          : layout.kind === 'svhn'
            ? [layout.file]
            : layout.kind === 'folder'
              ? []
              : [layout.archive];
      for (const name of needed) expect(names).toContain(name);
    }
    for (const { id } of entry.overlaps) expect(findDataset(id).name).toBe(id);
  });

  it('tells the two sets called Places apart', () => {
    expect(findDataset('places').title).toContain('not Places365');
    expect(findDataset('places365').description).toContain('Another set than the MOS subset');
  });
});

/** The entry with small files of ours in place of the published ones. */
function withFiles(name: string, files: Readonly<Record<string, Uint8Array>>): CatalogEntry {
  const entry = findDataset(name);
  const own = {
    ...entry,
    files: entry.files.map(({ bytes: _b, md5: _m, sha256: _s, ...file }) => file),
  };
  rmSync(store.folder(entry), { recursive: true, force: true });
  mkdirSync(store.folder(entry), { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(store.folder(entry), file), bytes);
  return own;
}

async function read(entry: CatalogEntry, split: string) {
  const samples = await openDataset(entry, { store }).open(split);
  const all = await collect(samples);
  if (samples.length !== undefined) expect(samples.length).toBe(all.length);
  return all.map(sample => [sample.id, sample.label]);
}

describe('splits of the catalog are read from their files', () => {
  it('cifar10', async () => {
    const batch = (n: number) => ({
      name: `cifar-10-batches-bin/data_batch_${n}.bin`,
      data: cifarBytes([n, n + 1]),
    });
    const parts = [
      batch(2),
      batch(1),
      { name: 'cifar-10-batches-bin/test_batch.bin', data: cifarBytes([9]) },
      batch(3),
      batch(4),
      batch(5),
    ];
    const entry = withFiles('cifar10', { 'cifar-10-binary.tar.gz': gzipSync(makeTar(parts)) });
    expect((await read(entry, 'train')).map(([, label]) => label)).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5, 6]);
    expect(await read(entry, 'test')).toEqual([['cifar10/000000', 9]]);
  });

  it('cifar100', async () => {
    const record = Buffer.concat([Buffer.of(3, 77), Buffer.alloc(3072)]);
    const tar = makeTar([{ name: 'cifar-100-binary/test.bin', data: record }]);
    const entry = withFiles('cifar100', { 'cifar-100-binary.tar.gz': gzipSync(tar) });
    expect(await read(entry, 'test')).toEqual([['cifar100/000000', 77]]);
    await expect(read(entry, 'train')).rejects.toMatchObject({ code: 'MISSING_ENTRY' });
  });

  it('mnist', async () => {
    const entry = withFiles('mnist', {
      't10k-images-idx3-ubyte.gz': gzipSync(idxBytes([2, 28, 28], new Uint8Array(2 * 784))),
      't10k-labels-idx1-ubyte.gz': gzipSync(idxBytes([2], Uint8Array.of(7, 2))),
    });
    const test = { ...entry, files: entry.files.filter(file => file.name.startsWith('t10k')) };
    expect(await read(test, 'test')).toEqual([
      ['mnist/000000', 7],
      ['mnist/000001', 2],
    ]);
    await expect(read(entry, 'train')).rejects.toMatchObject({ code: 'OFFLINE' });
  });

  it('svhn', async () => {
    const mat = matBytes([
      { name: 'X', dims: [32, 32, 3, 2], type: 2, data: new Uint8Array(6144) },
      { name: 'y', dims: [2, 1], type: 2, data: Uint8Array.of(10, 4) },
    ]);
    const entry = withFiles('svhn', { 'test_32x32.mat': mat });
    expect(await read(entry, 'test')).toEqual([
      ['svhn/000000', 0],
      ['svhn/000001', 4],
    ]);
  });

  it('textures, by their lists', async () => {
    const images = ['zigzagged/z_2.jpg', 'banded/b_1.jpg', 'dotted/d_1.jpg'];
    const tar = makeTar([
      ...images.map(name => ({ name: `dtd/images/${name}`, data: name })),
      { name: 'dtd/labels/val1.txt', data: 'banded/b_1.jpg\nzigzagged/z_2.jpg\n' },
      { name: 'dtd/labels/test1.txt', data: 'dotted/gone.jpg\n' },
    ]);
    const entry = withFiles('textures', { 'dtd-r1.0.1.tar.gz': gzipSync(tar) });
    expect(await read(entry, 'val')).toEqual([
      ['zigzagged/z_2.jpg', 2],
      ['banded/b_1.jpg', 0],
    ]);
    expect(await read(entry, 'all')).toHaveLength(3);
    await expect(read(entry, 'test')).rejects.toMatchObject({ code: 'MISSING_IMAGE' });
  });

  it('textures, without the classes that ImageNet-1k has too', async () => {
    const classes = ['banded', 'bubbly', 'cobwebbed', 'honeycombed', 'spiralled', 'woven'];
    const tar = makeTar(classes.map(name => ({ name: `dtd/images/${name}/1.jpg`, data: name })));
    const entry = withFiles('textures', { 'dtd-r1.0.1.tar.gz': gzipSync(tar) });
    const samples = await openDataset(entry, { store }).open('all');
    const ids = async (id: string) =>
      (await collect(withoutOverlap(entry, samples, { id }))).map(sample => sample.id);
    expect(await ids('imagenet-1k')).toEqual(['banded/1.jpg', 'woven/1.jpg']);
    expect(await ids('cifar10')).toHaveLength(6);
    expect(await collect(withoutOverlap(findDataset('sun'), samples, { id: 'imagenet-1k' }))).toHaveLength(6);
    expect(() => withoutOverlap(findDataset('places365'), samples, { id: 'cifar10' })).toThrow(
      /1,305 images/,
    );
  });

  it('tiny-imagenet, validation labels from the annotations', async () => {
    const zip = makeZip([
      { name: 'tiny-imagenet-200/wnids.txt', data: 'n02\nn01\n' },
      { name: 'tiny-imagenet-200/train/n02/images/n02_0.JPEG', data: 'a' },
      { name: 'tiny-imagenet-200/train/n01/images/n01_0.JPEG', data: 'b' },
      { name: 'tiny-imagenet-200/train/n01/n01_boxes.txt', data: 'b' },
      { name: 'tiny-imagenet-200/val/images/val_0.JPEG', data: 'c' },
      { name: 'tiny-imagenet-200/val/val_annotations.txt', data: 'val_0.JPEG\tn02\t0\t0\t63\t63\n' },
    ]);
    const entry = withFiles('tiny-imagenet', { 'tiny-imagenet-200.zip': zip });
    expect(await read(entry, 'val')).toEqual([['val_0.JPEG', 1]]);
    expect(await read(entry, 'train')).toEqual([
      ['n02/images/n02_0.JPEG', 1],
      ['n01/images/n01_0.JPEG', 0],
    ]);
  });

  it.each([
    ['inaturalist', 'iNaturalist.tar.gz', 'test'],
    ['sun', 'SUN.tar.gz', 'test'],
    ['places', 'Places.tar.gz', 'test'],
    ['ninco', 'NINCO_all.tar.gz', 'test'],
  ])('%s', async (name, file, split) => {
    const folder = name === 'ninco' ? 'NINCO/NINCO_OOD_classes' : `${name}/images`;
    const tar = makeTar([
      { name: `${folder}/a/1.jpg`, data: '1' },
      { name: `${folder}/b/2.jpg`, data: '2' },
      ...(name === 'ninco' ? [{ name: 'NINCO/NINCO_OOD_unit_tests/x/3.png', data: '3' }] : []),
    ]);
    const samples = await read(withFiles(name, { [file]: gzipSync(tar) }), split);
    expect(samples.map(([id]) => id)).toEqual(['a/1.jpg', 'b/2.jpg']);
  });

  it.each([
    ['ssb-hard', 'ssb_hard.zip', 'test'],
    ['openimage-o', 'OpenImage-O.zip', 'all'],
  ])('%s', async (name, file, split) => {
    const zip = makeZip([{ name: 'folder/n01/1.JPEG', data: '1' }]);
    expect(await read(withFiles(name, { [file]: zip }), split)).toEqual([['1.JPEG', undefined]]);
  });

  it('places365', async () => {
    const tar = makeTar([{ name: 'val_256/Places365_val_00000001.jpg', data: '1' }]);
    expect(await read(withFiles('places365', { 'val_256.tar': tar }), 'val')).toEqual([
      ['Places365_val_00000001.jpg', undefined],
    ]);
  });

  it('imagenet-1k, from the folder that the user names', async () => {
    const own = join(root, 'my-imagenet');
    for (const path of ['val/n01440764', 'val/n01443537']) {
      mkdirSync(join(own, path), { recursive: true });
      writeFileSync(join(own, path, 'x.JPEG'), 'x');
    }
    const mine = new Store({ root, env: { OOD_DATASET_IMAGENET_1K: own } });
    const dataset = openDataset('imagenet-1k', { store: mine });
    expect((await collect(await dataset.open('val'))).map(({ id, label }) => [id, label])).toEqual([
      ['n01440764/x.JPEG', 0],
      ['n01443537/x.JPEG', 1],
    ]);
    await expect(dataset.open('train')).rejects.toMatchObject({
      code: 'FOLDER_NEEDED',
      message: expect.stringContaining('OOD_DATASET_IMAGENET_1K'),
    });
    await expect(dataset.open('test')).rejects.toMatchObject({ code: 'UNKNOWN_SPLIT' });
  });
});
