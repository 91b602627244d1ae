import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOodError } from '@ood/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  archiveImages,
  blobs,
  cifar,
  collect,
  corrupt,
  corruptPixels,
  csvVectors,
  downloadFile,
  extractArchive,
  findOverlap,
  idxImages,
  imageFolder,
  imageList,
  jpegRoundTrip,
  npyVectors,
  openDataset,
  rings,
  Store,
  samplesOf,
  shuffle,
  splitByHash,
  svhn,
  toMatrix,
} from '../src/index.ts';
import { makeTar } from './support/make-tar.ts';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-mistakes-'));
  await mkdir(at('empty'));
  await writeFile(at('file'), '');
  await writeFile(at('list.txt'), 'a/b.png 0\n');
});
afterAll(() => rm(folder, { recursive: true }));

const onePixel = { width: 1, height: 1, channels: 1, data: Uint8Array.of(0) };
const images = samplesOf([{ id: 'a', pixels: onePixel }]);

describe('mistakes are typed errors that name the place', () => {
  it.each<[string, () => Promise<unknown>, string, string]>([
    ['a folder that is not there', () => imageFolder(at('none')), 'FILE_NOT_FOUND', 'none'],
    [
      'a file instead of a folder',
      () => imageFolder(at('file')),
      'NOT_A_FOLDER',
      'a file in place of a folder',
    ],
    ['a folder without images', () => imageFolder(at('empty')), 'NO_IMAGES', 'empty'],
    ['a list that is not there', () => imageList(at('none'), { root: folder }), 'FILE_NOT_FOUND', 'none'],
    [
      'an image of a list that is not there',
      async () => collect(await imageList(at('list.txt'), { root: folder })),
      'FILE_NOT_FOUND',
      'b.png',
    ],
    ['an archive that is not there', () => archiveImages(at('none.tar')), 'FILE_NOT_FOUND', 'none.tar'],
    ['a folder instead of an archive', () => archiveImages(at('empty')), 'NOT_A_FILE', 'a folder'],
    ['a CIFAR file that is not there', () => cifar(at('none')), 'FILE_NOT_FOUND', 'none'],
    ['an IDX file that is not there', () => idxImages(at('none')), 'FILE_NOT_FOUND', 'none'],
    ['a MAT-file that is not there', () => svhn(at('none')), 'FILE_NOT_FOUND', 'none'],
    ['an array that is not there', () => npyVectors(at('none')), 'FILE_NOT_FOUND', 'none'],
    ['a table that is not there', () => csvVectors(at('none')), 'FILE_NOT_FOUND', 'none'],
    [
      'a data folder below a file',
      () => openDataset('mnist', { store: new Store({ root: at('file') }) }).open('test'),
      'NOT_A_FOLDER',
      'OOD_HOME',
    ],
    [
      'an extraction below a file',
      () => extractArchive(makeTar([{ name: 'a.txt', data: 'a' }]), at('file', 'out')),
      'NOT_A_FOLDER',
      'a file in its place',
    ],
    ['an address that is none', () => downloadFile({ urls: ['x'] }, at('x')), 'INVALID_OPTION', '"x"'],
    ['a file address', () => downloadFile({ urls: ['file:///x'] }, at('x')), 'INVALID_OPTION', 'file:///x'],
    ['no address', () => downloadFile({ urls: [] }, at('x')), 'INVALID_OPTION', 'none'],
    ['images as vectors', () => toMatrix(images as never), 'NOT_A_VECTOR', 'sample a'],
    [
      'encoded images to corrupt',
      async () => {
        const encoded = samplesOf([{ id: 'a', bytes: Uint8Array.of(0) }]);
        return collect(corrupt(encoded as never, { corruption: 'contrast', severity: 1, seed: 1 }));
      },
      'NOT_PIXELS',
      'an encoded image',
    ],
    [
      'pixels of another size than they say, to corrupt',
      async () => corruptPixels({ ...onePixel, width: 8 }, { corruption: 'jpeg', severity: 1, seed: 1 }),
      'WRONG_SHAPE',
      '8 × 1 × 1 and 1 bytes',
    ],
    [
      'the same in samples',
      async () => {
        const wrong = samplesOf([{ id: 'a', pixels: { ...onePixel, channels: 3 } }]);
        return collect(corrupt(wrong, { corruption: 'contrast', severity: 1, seed: 1 }));
      },
      'WRONG_SHAPE',
      'sample a',
    ],
    [
      'the same to compare: no image is a near-duplicate of nothing',
      async () => {
        const wrong = samplesOf([{ id: 'a', pixels: { ...onePixel, height: 9 } }]);
        return findOverlap(wrong, wrong);
      },
      'WRONG_SHAPE',
      'sample a',
    ],
    ['blobs without centers', async () => blobs({ n: 1, seed: 1, centers: [] }), 'INVALID_OPTION', 'none'],
    ['rings without width', async () => rings({ n: 1, seed: 1, sigma: 0 }), 'INVALID_OPTION', 'sigma'],
    ['a quality beyond JPEG', async () => jpegRoundTrip(onePixel, 0), 'INVALID_OPTION', 'from 1 to 100'],
    ['no seed to shuffle', async () => shuffle(images, {} as never), 'INVALID_OPTION', 'undefined'],
    ['NaN as seed', async () => shuffle(images, { seed: Number.NaN }), 'INVALID_OPTION', 'NaN'],
    [
      'no seed to split',
      async () => splitByHash(images, { parts: { a: 0.5, b: 0.5 } } as never),
      'INVALID_OPTION',
      'undefined',
    ],
  ])('%s', async (_, run, code, part) => {
    const error: unknown = await run().then(
      () => expect.unreachable(),
      reason => reason,
    );
    if (!isOodError(error)) throw error;
    expect(error.code).toBe(code);
    expect(error.message).toContain(part);
    expect(error.message).toMatch(/: expected .+, got .+; .+/);
  });
});
