import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { archiveImages, collect, isIndexed, npyVectors, openNpy, subset } from '../src/index.ts';

const bench = process.env.OOD_BENCH;
const folder = join(bench ?? '', 'cifar10-resnet20');
const reason = bench === undefined ? 'OOD_BENCH is not set' : `${folder} is not there`;

describe.skipIf(bench === undefined || !existsSync(folder))(
  `files made by other tools (skipped where ${reason})`,
  () => {
    it.each(['id-test', 'id-train'])(
      'the tar of %s has the labels of its .npy, member by member',
      async set => {
        const images = await archiveImages(join(folder, `images/${set}.tar`));
        const { classes } = images;
        const labels = await openNpy(join(folder, `features/${set}.labels.npy`));
        if (!isIndexed(images)) throw new Error('a tar is indexed');
        expect(images.length).toBe(labels.rows);
        expect(classes).toEqual([
          'airplane',
          'automobile',
          'bird',
          'cat',
          'deer',
          'dog',
          'frog',
          'horse',
          'ship',
          'truck',
        ]);
        for (let row = 0; row < labels.rows; row++)
          expect(images.key(row).label).toBe((await labels.row(row))[0]);
      },
    );

    it('images of a tar are whole files', async () => {
      const images = await archiveImages(join(folder, 'images/ood-dtd.tar'));
      if (!isIndexed(images)) throw new Error('a tar is indexed');
      for (const { bytes } of await collect(subset(images, [0, 599, 1199]))) {
        expect([bytes[0], bytes[1]]).toEqual([0xff, 0xd8]);
        expect([bytes.at(-2), bytes.at(-1)]).toEqual([0xff, 0xd9]);
      }
    });

    it('numpy features are the numbers that lie in the file', async () => {
      const path = join(folder, 'features/id-test.features.npy');
      const samples = await npyVectors(path, { labels: join(folder, 'features/id-test.labels.npy') });
      const bytes = readFileSync(path);
      const all = new Float32Array(
        bytes.buffer.slice(bytes.byteOffset + 128, bytes.byteOffset + 128 + 1000 * 64 * 4),
      );
      expect(samples.length).toBe(1000);
      for (const row of [0, 500, 999]) {
        expect((await samples.read(row)).vector).toEqual(all.slice(row * 64, (row + 1) * 64));
      }
    });
  },
);
