import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../src/image/decode.ts';
import { imagePreparer, preparePixels } from '../src/preprocessing/prepare.ts';
import { preset } from '../src/preprocessing/presets.ts';

interface Standard {
  short_side: number;
  crop: number;
  filter: 'bilinear' | 'bicubic';
  rows: Record<string, number[]>;
  sha256_of_rgb_bytes: string;
  normalised_corner_pixels_float32: number[][];
}
interface Small {
  side: number;
  filter: 'bilinear' | 'bicubic';
  rgb: number[][];
  sha256_of_rgb_bytes: string;
}
interface Golden {
  image: string;
  size: [number, number];
  first_rgb_pixels: number[];
  standard: Standard[];
  resize_to_32x32: Small[];
}

const folder = new URL('./golden/', import.meta.url);
const golden: { images: Golden[] } = JSON.parse(
  await readFile(new URL('preprocessing.json', folder), 'utf8'),
);
const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
const open = async (name: string) => decodeImage(await readFile(new URL(name, folder)));

describe.each(golden.images)('$image', entry => {
  test('decodes to the pixels that Pillow sees', async () => {
    const image = await open(entry.image);
    const rgb = preparePixels(image, preset('imagenet', { resize: { kind: 'none' }, crop: null }));
    expect([rgb.width, rgb.height]).toEqual(entry.size);
    expect([...rgb.data.subarray(0, entry.first_rgb_pixels.length)]).toEqual(entry.first_rgb_pixels);
  });

  test.each(entry.standard)(
    'shorter side $short_side, $filter, crop $crop equals torchvision to the byte',
    async expected => {
      const preprocessing = preset('imagenet', {
        filter: expected.filter,
        resize: { kind: 'shorter-side', size: expected.short_side, rounding: 'truncate' },
        crop: { width: expected.crop, height: expected.crop, rounding: 'half-even' },
      });
      const image = await open(entry.image);
      const pixels = preparePixels(image, preprocessing);
      const stride = expected.crop * 3;
      for (const [row, values] of Object.entries(expected.rows))
        expect([...pixels.data.subarray(Number(row) * stride, (Number(row) + 1) * stride)]).toEqual(values);
      expect(sha256(pixels.data)).toBe(expected.sha256_of_rgb_bytes);

      const { data, dims } = imagePreparer(preprocessing)(image);
      const side = expected.crop;
      expect(dims).toEqual([3, side, side]);
      const corners = [0, side - 1, (side / 2) * side + side / 2, (side - 1) * side, side * side - 1];
      corners.forEach((pixel, i) => {
        for (let c = 0; c < 3; c++)
          expect(data[c * side * side + pixel]).toBeCloseTo(
            expected.normalised_corner_pixels_float32[i]![c]!,
            6,
          );
      });
    },
  );

  test.each(entry.resize_to_32x32)(
    'exactly 32×32, $filter equals torchvision to the byte',
    async expected => {
      const preprocessing = preset('imagenet', {
        filter: expected.filter,
        resize: { kind: 'exact', width: expected.side, height: expected.side },
        crop: null,
      });
      const pixels = preparePixels(await open(entry.image), preprocessing);
      expect([...pixels.data]).toEqual(expected.rgb.flat());
      expect(sha256(pixels.data)).toBe(expected.sha256_of_rgb_bytes);
    },
  );
});
