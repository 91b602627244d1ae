import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { atPath } from '../bytes/file-error.ts';
import type { BytesSample } from '../contract/sample.ts';
import { type IndexedSamples, indexedSamples } from '../contract/samples.ts';
import { DatasetError } from '../errors.ts';
import { isImageName, type LeftOut, LeftOutCounter, type LeftOutReason, labelByFolder } from './images.ts';

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
  /** What else lies in the folder. */
  readonly leftOut: LeftOut;
}

/** Most folders that are walked: links can make few folders look like very many. */
const MOST_FOLDERS = 1_000_000;

/**
 * Image files below a folder, sorted by path, read when asked for. Links are followed; a link to a folder that is
 * being walked already is left out, so that circles end. Files that are not taken are counted and named in `leftOut`.
 *
 * @throws DatasetError `NO_IMAGES`, `TOO_LARGE` (too many files or folders); reading: `TOO_LARGE`, `NOT_A_FILE`; CoreError of the
 *   file system
 */
export async function imageFolder(root: string, options: ImageFolderOptions = {}): Promise<ImageSamples> {
  const {
    classes = 'folders',
    include = isImageName,
    maxFiles = 20_000_000,
    maxFileBytes = 256 * 2 ** 20,
  } = options;
  const paths: string[] = [];
  const leftOut = new LeftOutCounter();
  let folders = 0;
  await atPath(root, 'a folder of images', () =>
    walk(root, '', [], {
      enter() {
        folders += 1;
        if (folders > MOST_FOLDERS)
          throw tooMany(root, `${MOST_FOLDERS} folders`, 'look for links among them');
      },
      file(path) {
        if (!include(path)) return leftOut.add(path, 'not an image by its name');
        if (paths.length >= maxFiles) throw tooMany(root, `${maxFiles} images`, 'raise maxFiles');
        paths.push(path);
      },
      other: (path, reason) => leftOut.add(path, reason),
    }),
  );
  if (paths.length === 0) throw noImages(root, leftOut.total());
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
  const { classes: names } = labels;
  return { ...samples, ...(names !== undefined && { classes: names }), leftOut: leftOut.total() };
}

function tooMany(root: string, limit: string, advice: string): DatasetError {
  return new DatasetError('TOO_LARGE', { where: root, expected: `at most ${limit}`, got: 'more', advice });
}

function noImages(root: string, { count, examples }: LeftOut): DatasetError {
  return new DatasetError('NO_IMAGES', {
    where: root,
    expected: 'image files (jpg, png, webp, bmp, gif, tiff, ppm, avif)',
    got: count === 0 ? 'none' : `${count} others, e.g. ${JSON.stringify(examples[0]!.path)}`,
    advice: 'check the path',
    details: { leftOut: count },
  });
}

/**
 * The bytes of a plain file, read in the calling thread: handing each step to the thread pool (as `openPlainFile` of `@ood/core`
 * does, whose rule of admission this is) costs several times what reading an image from a local disk does, and takes the pool's
 * threads from the decoders.
 *
 * @throws DatasetError `TOO_LARGE`, `NOT_A_FILE`; CoreError of the file system
 */
export async function readImage(path: string, maxBytes: number): Promise<Uint8Array> {
  return atPath(path, 'an image file', async () => {
    // Before it is opened: opening a pipe tells its writer to begin.
    requirePlain(path, statSync(path));
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
    try {
      const found = fstatSync(file);
      requirePlain(path, found);
      if (found.size > maxBytes) {
        throw new DatasetError('TOO_LARGE', {
          where: path,
          expected: `at most ${maxBytes} bytes`,
          got: `${found.size}`,
          advice: 'raise maxFileBytes if this is an image',
          details: { bytes: found.size, limit: maxBytes },
        });
      }
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  });
}

function requirePlain(path: string, found: Stats): void {
  if (found.isFile()) return;
  throw new DatasetError('NOT_A_FILE', {
    where: path,
    expected: 'an image file',
    got: found.isDirectory() ? 'a folder' : 'a pipe, device or socket',
    advice: 'give the path of a plain file',
  });
}

interface Visitor {
  enter(): void;
  file(path: string): void;
  other(path: string, reason: LeftOutReason): void;
}

async function walk(
  root: string,
  folder: string,
  ancestors: readonly string[],
  visitor: Visitor,
): Promise<void> {
  const here = join(root, folder);
  const real = await realpath(here);
  if (ancestors.includes(real)) return;
  visitor.enter();
  for (const entry of await readdir(here, { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const kind = entry.isSymbolicLink() ? await stat(join(root, path)).catch(() => undefined) : entry;
    if (kind === undefined) visitor.other(path, 'a link that leads nowhere');
    else if (kind.isDirectory()) await walk(root, path, [...ancestors, real], visitor);
    else if (kind.isFile()) visitor.file(path);
    else visitor.other(path, 'not a plain file');
  }
}
