import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { atPath } from '../bytes/file-error.ts';
import type { BytesSample } from '../contract/sample.ts';
import { type IndexedSamples, indexedSamples } from '../contract/samples.ts';
import { DatasetError } from '../errors.ts';
import { isImageName, labelByFolder } from './images.ts';

export interface ImageFolderOptions {
  /** `'folders'`: the first folder below the root is the class (none where images lie flat). `'none'`: no labels. Default: `'folders'`. */
  readonly classes?: 'folders' | 'none';
  /** Which files are images, by path relative to the root. Default: by the usual extensions, hidden files left out. */
  readonly include?: (path: string) => boolean;
  /** Most files. Default: 20,000,000. */
  readonly maxFiles?: number;
  /** Largest file that is read, in bytes. Default: 256 MiB. */
  readonly maxFileBytes?: number;
}

/** Images with the names of their classes; `label` is an index into them. */
export interface ImageSamples extends IndexedSamples<BytesSample> {
  readonly classes?: readonly string[];
}

/**
 * Image files below a folder, sorted by path, read when asked for. Links are followed; a link to a folder that is
 * being walked already is left out, so that circles end.
 *
 * @throws CoreError of the file system, `NO_IMAGES`, `TOO_LARGE`; reading: `TOO_LARGE`.
 */
export async function imageFolder(root: string, options: ImageFolderOptions = {}): Promise<ImageSamples> {
  const {
    classes = 'folders',
    include = isImageName,
    maxFiles = 20_000_000,
    maxFileBytes = 256 * 2 ** 20,
  } = options;
  const paths: string[] = [];
  const visit = (path: string): void => {
    if (!include(path)) return;
    if (paths.length >= maxFiles) {
      throw new DatasetError('TOO_LARGE', {
        where: root,
        expected: `at most ${maxFiles} images`,
        got: 'more',
        advice: 'raise maxFiles',
      });
    }
    paths.push(path);
  };
  await atPath(root, 'a folder of images', () => walk(root, '', [], visit));
  if (paths.length === 0) {
    throw new DatasetError('NO_IMAGES', {
      where: root,
      expected: 'image files (jpg, png, webp, bmp, gif, tiff, ppm, avif)',
      got: 'none',
      advice: 'check the path',
    });
  }
  paths.sort();
  const labels = labelByFolder(paths, classes);
  const samples = indexedSamples<BytesSample>({
    length: paths.length,
    key: labels.key,
    read: async index => ({
      ...labels.key(index),
      bytes: await readImage(join(root, paths[index]!), maxFileBytes),
    }),
  });
  return labels.classes === undefined ? samples : { ...samples, classes: labels.classes };
}

/**
 * A file's bytes, read in the calling thread: handing each step to the thread pool costs several times what reading an
 * image from a local disk does, and takes the pool's threads from the decoders.
 *
 * @throws CoreError of the file system, `TOO_LARGE`.
 */
export async function readImage(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await atPath(path, 'an image file', async () => openSync(path, 'r'));
  try {
    const { size } = fstatSync(file);
    if (size <= maxBytes) return await atPath(path, 'a readable file', async () => readFileSync(file));
    throw new DatasetError('TOO_LARGE', {
      where: path,
      expected: `at most ${maxBytes} bytes`,
      got: `${size}`,
      advice: 'raise maxFileBytes if this is an image',
    });
  } finally {
    closeSync(file);
  }
}

async function walk(
  root: string,
  folder: string,
  ancestors: readonly string[],
  visit: (path: string) => void,
): Promise<void> {
  const here = join(root, folder);
  const real = await realpath(here);
  if (ancestors.includes(real)) return;
  for (const entry of await readdir(here, { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    // A link that leads nowhere is left out.
    const kind = entry.isSymbolicLink() ? await stat(join(root, path)).catch(() => undefined) : entry;
    if (kind?.isDirectory()) await walk(root, path, [...ancestors, real], visit);
    else if (kind?.isFile()) visit(path);
  }
}
