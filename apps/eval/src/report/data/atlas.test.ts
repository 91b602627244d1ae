import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { FeatureSet, GrayImage } from '../../benchmark.ts';
import { makeAtlas } from './atlas.ts';

const features = { rows: 3, cols: 1, data: new Float32Array(3) };
const plain = (width: number, height: number, ...color: number[]): GrayImage => ({
  width,
  height,
  ...(color.length === 3 && { channels: 3 as const }),
  data: Uint8Array.from({ length: width * height * color.length }, (_, i) => color[i % color.length]!),
});
const sets: readonly FeatureSet[] = [
  { name: 'gray', features, image: row => plain(8, 8, row * 100) },
  { name: 'colored', features, image: () => plain(100, 50, 200, 40, 40) },
  { name: 'without', features },
];
const samples = [0, 1, 2].flatMap(set => [0, 1].map(row => ({ set, row })));

it('puts gray, colored and large pictures into one image, the wanted ones first', async () => {
  const atlas = await makeAtlas(samples, [3, 1, 3, 5], sets);
  expect(Array.from(atlas!.tiles)).toEqual([0, 2, 0, 1, 0, 0]);
  const { tile, columns, rows, source } = atlas!.data;
  expect([tile, columns, rows]).toEqual([48, 64, 1]);
  const { data, info } = await sharp(Buffer.from(source.split(',')[1]!, 'base64'))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([64 * 48, 48, 3]);
  const at = (x: number, y: number) =>
    Array.from(data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3));
  const near = (color: number[], wanted: number[]) => color.every((c, i) => Math.abs(c - wanted[i]!) < 12);
  expect(near(at(24, 24), [200, 40, 40]), String(at(24, 24))).toBe(true);
  expect(near(at(48 + 24, 24), [100, 100, 100]), String(at(72, 24))).toBe(true);
  expect(near(at(24, 3), [0, 0, 0]), String(at(24, 3))).toBe(true);
});

it('is not there where no set draws', async () => {
  expect(await makeAtlas(samples, [4, 5], sets)).toBeNull();
});
