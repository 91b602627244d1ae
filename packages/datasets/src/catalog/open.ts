import { join } from 'node:path';
import { type Archive, findEntry } from '../archive/archive.ts';
import { openArchive } from '../archive/open-archive.ts';
import { bytesSource } from '../bytes/byte-source.ts';
import type { Dataset } from '../contract/dataset.ts';
import type { Sample, SampleKey } from '../contract/sample.ts';
import type { Samples } from '../contract/samples.ts';
import { folderVariable } from '../download/folders.ts';
import { DatasetError } from '../errors.ts';
import { imagesOf } from '../sources/archive-images.ts';
import { cifar } from '../sources/cifar.ts';
import { idxImages } from '../sources/idx.ts';
import { imageFolder } from '../sources/image-folder.ts';
import { readImageList } from '../sources/image-list.ts';
import { svhn } from '../sources/svhn.ts';
import { findDataset } from './catalog.ts';
import type { CatalogEntry, SplitLayout } from './entry.ts';
import { type EnsureOptions, Store } from './store.ts';
import { tinyImagenet } from './tiny-imagenet.ts';

export interface OpenDatasetOptions extends Omit<EnsureOptions, 'split'> {
  readonly store?: Store;
}

/**
 * A data set of the catalog. Opening a split downloads and verifies the files it needs, unless they are there.
 *
 * @throws DatasetError `UNKNOWN_DATASET`; when a split is opened: DatasetError, `FOLDER_NEEDED`, and what the reader
 *   finds wrong.
 */
export function openDataset(name: string | CatalogEntry, options: OpenDatasetOptions = {}): Dataset {
  const entry = typeof name === 'string' ? findDataset(name) : name;
  const { store = new Store(), ...ensure } = options;
  return {
    name: entry.name,
    license: entry.license,
    citation: entry.citation,
    ...(entry.classes === undefined ? {} : { classes: entry.classes }),
    splits: Object.keys(entry.splits),
    async open(split) {
      const found = Object.hasOwn(entry.splits, split) ? entry.splits[split] : undefined;
      if (found === undefined) {
        throw new DatasetError('UNKNOWN_SPLIT', {
          where: `data set ${entry.name}`,
          expected: `one of the splits ${Object.keys(entry.splits).join(', ')}`,
          got: JSON.stringify(split),
          advice: 'ask for one of these',
        });
      }
      if (entry.files.length > 0) await store.ensure(entry, { ...ensure, split });
      return openLayout(entry, found.layout, store.folder(entry));
    },
  };
}

async function openLayout(
  entry: CatalogEntry,
  layout: SplitLayout,
  folder: string,
): Promise<Samples<Sample>> {
  switch (layout.kind) {
    case 'cifar':
      return openCifar(entry, layout, folder);
    case 'idx':
      return idxImages(join(folder, layout.images), {
        labels: join(folder, layout.labels),
        name: entry.name,
      });
    case 'svhn':
      return svhn(join(folder, layout.file), { name: entry.name });
    case 'tiny-imagenet':
      return tinyImagenet(join(folder, layout.archive), layout.part);
    case 'archive': {
      const archive = await openArchive(join(folder, layout.archive));
      const { root, classes, lists } = layout;
      const only = lists === undefined ? undefined : await readLists(archive, lists, root);
      return imagesOf(archive, {
        ...(root === undefined ? {} : { root }),
        ...(only === undefined ? {} : { only }),
        classes,
      });
    }
    case 'folder':
      return openFolder(entry, join(folder, layout.folder), layout.classes);
  }
}

/** The batches of a CIFAR archive, taken into memory in one pass (30 MB each). */
async function openCifar(entry: CatalogEntry, layout: SplitLayout & { kind: 'cifar' }, folder: string) {
  const archive = await openArchive(join(folder, layout.archive));
  const order = layout.entries.map(name => findEntry(archive, name));
  const content = new Map<number, Uint8Array>();
  for await (const { index, bytes } of archive.stream(i => order.includes(i))) content.set(index, bytes);
  const files = order.map(i => bytesSource(content.get(i)!, `${archive.name}!${archive.entries[i]!.name}`));
  return cifar(files, { variant: layout.variant, name: entry.name });
}

/** Images of lists inside an archive, labeled by their folder among all folders of the lists. */
async function readLists(
  archive: Archive,
  lists: readonly string[],
  root: string | undefined,
): Promise<SampleKey[]> {
  const wanted = lists.map(name => findEntry(archive, name));
  const keys: SampleKey[] = [];
  for await (const { index, bytes } of archive.stream(i => wanted.includes(i))) {
    keys.push(
      ...(await readImageList(bytesSource(bytes, `${archive.name}!${archive.entries[index]!.name}`))),
    );
  }
  const prefix = root === undefined ? '' : `${root}/`;
  const classOf = (path: string) => path.split('/')[0]!;
  const inArchive = archive.entries.filter(
    ({ name }) => name.startsWith(prefix) && name.includes('/', prefix.length),
  );
  const classes = [...new Set(inArchive.map(({ name }) => classOf(name.slice(prefix.length))))].sort();
  return keys.map(({ id }) => ({ id, label: classes.indexOf(classOf(id)) }));
}

async function openFolder(entry: CatalogEntry, path: string, classes: 'folders' | 'none') {
  try {
    return await imageFolder(path, { classes });
  } catch (error) {
    const { code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    throw new DatasetError('FOLDER_NEEDED', {
      where: entry.name,
      expected: `images in ${path}`,
      got: 'no such folder',
      advice: `this data set cannot be downloaded: get it from ${entry.homepage} and set ${folderVariable(entry.name)} to its folder`,
      cause: error,
    });
  }
}
