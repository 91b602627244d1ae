import type { TensorInfo } from '@ood/onnx';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hashPreprocessing,
  type ImagePreprocessing,
  imagePreparer,
  parsePreprocessing,
  preparePixels,
  preprocessingFor,
  preset,
  presetNames,
} from '../src/index.ts';
import { centerCorner, resizedSize } from '../src/preprocessing/geometry.ts';

const image = (width: number, height: number, channels = 3) => ({
  width,
  height,
  channels,
  data: Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 37) % 256),
});

describe('presets', () => {
  test.each([...presetNames])('%s survives JSON, and its hash with it', name => {
    const original = preset(name);
    const read = parsePreprocessing(JSON.stringify(original));
    expect(read).toEqual(original);
    expect(hashPreprocessing(read)).toBe(hashPreprocessing(original));
  });

  test('have different hashes', () => {
    expect(new Set(presetNames.map(name => hashPreprocessing(preset(name)))).size).toBe(presetNames.length);
  });

  test('have hashes that never change', () => {
    expect(hashPreprocessing(preset('imagenet'))).toBe(
      'c6da1fca13dec9697779f5db2526ac145b8d5c7e0c063d3955163f697e2beb48',
    );
  });

  test('an unknown name is answered with the known ones', () => {
    expect(() => preset('imagnet' as 'imagenet')).toThrow(/imagenet, imagenet-bicubic, clip, cifar, mnist/);
  });
});

describe('hashPreprocessing', () => {
  test('does not depend on the order of keys', () => {
    const original = preset('clip');
    const reversed = Object.fromEntries(Object.entries(original).reverse());
    expect(hashPreprocessing(parsePreprocessing(reversed))).toBe(hashPreprocessing(original));
  });

  test.each(
    Object.entries({
      orientation: 'exif',
      color: 'bgr',
      resize: { kind: 'none' },
      filter: 'lanczos',
      crop: null,
      scale: 1,
      mean: [0, 0, 0],
      std: [1, 1, 2],
      layout: 'NHWC',
      dtype: 'float16',
    }),
  )('changes with %s', (key, value) => {
    expect(hashPreprocessing(preset('imagenet', { [key]: value }))).not.toBe(
      hashPreprocessing(preset('imagenet')),
    );
  });
});

describe('parsePreprocessing refuses', () => {
  test.each<[string, unknown, string]>([
    ['unknown keys', { ...preset('clip'), gamma: 2 }, 'INVALID_OPTION'],
    ['missing keys', { ...preset('clip'), filter: undefined }, 'INVALID_OPTION'],
    ['a mean of the wrong length', { ...preset('clip'), mean: [0] }, 'INVALID_OPTION'],
    ['a deviation of zero', { ...preset('clip'), std: [0, 1, 1] }, 'INVALID_OPTION'],
    ['a NaN', { ...preset('clip'), scale: Number.NaN }, 'INVALID_OPTION'],
    [
      'a crop of nothing',
      { ...preset('clip'), crop: { width: 0, height: 1, rounding: 'floor' } },
      'INVALID_OPTION',
    ],
    [
      'an absurd size',
      { ...preset('clip'), resize: { kind: 'exact', width: 1e6, height: 1e6 } },
      'INVALID_OPTION',
    ],
    ['bytes that are normalised', { ...preset('clip'), dtype: 'uint8' }, 'INVALID_OPTION'],
    ['text that is no JSON', '{', 'INVALID_OPTION'],
    ['a list', [], 'INVALID_OPTION'],
    ['a later version', { ...preset('clip'), version: 2, shear: 1 }, 'NEWER_VERSION'],
  ])('%s', (_, value, code) => {
    expect(() => parsePreprocessing(value)).toThrow(expect.objectContaining({ code }));
  });
});

describe('preprocessingFor', () => {
  const color = preset('cifar');
  const grey = preset('mnist');
  test.each<
    [string, ImagePreprocessing, TensorInfo['type'], TensorInfo['dims'], Partial<ImagePreprocessing>]
  >([
    ['channels first', color, 'float32', ['n', 3, 32, 32], {}],
    ['channels last', color, 'float32', ['n', 32, 32, 3], { layout: 'NHWC' }],
    ['channels last of free sides', color, 'float32', [null, null, null, 3], { layout: 'NHWC' }],
    ['one channel last', grey, 'float32', [1, 28, 28, 1], { layout: 'NHWC' }],
    ['half floats', color, 'float16', ['n', 3, 32, 32], { dtype: 'float16' }],
    ['nothing that would tell', color, 'float32', [null, null, null, null], {}],
    ['both ends alike', color, 'float32', ['n', 3, 5, 3], {}],
    ['vectors', grey, 'float32', ['n', 784], {}],
    ['bytes, which take other numbers than floats', color, 'uint8', ['n', 3, 32, 32], {}],
  ])('follows a model that declares %s', (_, preprocessing, type, dims, changed) => {
    expect(preprocessingFor(preprocessing, { type, dims })).toEqual({ ...preprocessing, ...changed });
  });

  test('turns an explicit layout back', () => {
    const last = preset('cifar', { layout: 'NHWC', dtype: 'float16' });
    expect(preprocessingFor(last, { type: 'float32', dims: ['n', 3, 32, 32] })).toEqual(preset('cifar'));
  });
});

describe('geometry', () => {
  test.each<[number, number, 'half-even' | 'floor', number]>([
    [256, 224, 'half-even', 16],
    [227, 224, 'half-even', 2],
    [225, 224, 'half-even', 0],
    [227, 224, 'floor', 1],
    [223, 224, 'half-even', 0],
    [223, 224, 'floor', -1],
    [220, 224, 'floor', -2],
  ])('side %i, crop %i, %s: corner at %i', (side, crop, rounding, corner) => {
    expect(centerCorner(side, crop, rounding) + 0).toBe(corner);
  });

  test('the longer side is truncated or rounded', () => {
    const resize = { kind: 'shorter-side', size: 256 } as const;
    expect(resizedSize({ width: 97, height: 61 }, { ...resize, rounding: 'truncate' })).toEqual({
      width: 407,
      height: 256,
    });
    expect(resizedSize({ width: 61, height: 97 }, { ...resize, rounding: 'round' })).toEqual({
      width: 256,
      height: 407,
    });
    expect(resizedSize({ width: 3, height: 5 }, { ...resize, rounding: 'truncate' })).toEqual({
      width: 256,
      height: 426,
    });
    expect(resizedSize({ width: 146, height: 128 }, { ...resize, size: 32, rounding: 'round' })).toEqual({
      width: 36,
      height: 32,
    });
    expect(resizedSize({ width: 3, height: 5 }, { ...resize, rounding: 'round' })).toEqual({
      width: 256,
      height: 427,
    });
  });
});

const warped: Partial<ImagePreprocessing> = {
  resize: { kind: 'exact', width: 224, height: 224 },
  crop: null,
};

describe('preparing', () => {
  test.each<[string, { width: number; height: number }, Partial<ImagePreprocessing>]>([
    ['its longer side grows without a crop', { width: 1, height: 60_000 }, { crop: null }],
    ['the same, lying', { width: 60_000, height: 1 }, { crop: null }],
    ['its first pass alone is too much', { width: 1, height: 1_000_000 }, warped],
  ])('refuses a very long image at once: %s', (_, { width, height }, overrides) => {
    const image = { width, height, channels: 1, data: new Uint8Array(width * height) };
    expect(() => preparePixels(image, preset('imagenet', overrides))).toThrow(
      expect.objectContaining({
        code: 'IMAGE_TOO_LARGE',
        message: expect.stringMatching(/100000000 pixels/),
      }),
    );
  });

  test('takes the centre of a very long image where a crop bounds the work', () => {
    const image = { width: 1, height: 60_000, channels: 1, data: new Uint8Array(60_000).fill(7) };
    const { width, height, data } = preparePixels(image, preset('imagenet'));
    expect([width, height, data.every(value => value === 7)]).toEqual([224, 224, true]);
  });

  test('a window of a resized image is that part of the whole', () => {
    fc.assert(
      fc.property(
        fc.record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) }),
        fc.record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) }),
        fc.constantFrom('nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'),
        fc.constantFrom(1, 3),
        ({ width, height }, target, filter, channels) => {
          const crop = {
            width: Math.ceil(target.width / 2),
            height: Math.ceil(target.height / 2),
            rounding: 'floor',
          } as const;
          const base = preset(channels === 1 ? 'mnist' : 'imagenet', {
            filter,
            resize: { kind: 'exact', ...target },
            crop: null,
          });
          const source = image(width, height, channels);
          const whole = preparePixels(source, base);
          const part = preparePixels(source, { ...base, crop });
          const x = centerCorner(target.width, crop.width, 'floor');
          const y = centerCorner(target.height, crop.height, 'floor');
          const row = (of: typeof whole, left: number, top: number) => [
            ...of.data.subarray(
              (top * of.width + left) * channels,
              (top * of.width + left + crop.width) * channels,
            ),
          ];
          for (let i = 0; i < crop.height; i++) expect(row(part, 0, i)).toEqual(row(whole, x, y + i));
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each(['box', 'bilinear', 'hamming', 'bicubic', 'lanczos', 'nearest'] as const)(
    '%s keeps a plain color',
    filter => {
      const plain = { width: 7, height: 9, channels: 3, data: new Uint8Array(189).fill(200) };
      const { data } = preparePixels(
        plain,
        preset('imagenet', { filter, crop: null, resize: { kind: 'exact', width: 13, height: 4 } }),
      );
      expect(new Set(data)).toEqual(new Set([200]));
    },
  );

  test('a crop larger than the image is padded with black, the odd pixel at the far side', () => {
    const { data } = preparePixels(
      { width: 1, height: 1, channels: 1, data: Uint8Array.of(9) },
      preset('mnist', { resize: { kind: 'none' }, crop: { width: 2, height: 2, rounding: 'half-even' } }),
    );
    expect([...data]).toEqual([9, 0, 0, 0]);
  });

  test('layouts and colors hold the same values in another order', () => {
    const source = image(4, 2);
    const base = preset('imagenet', { resize: { kind: 'none' }, crop: null });
    const planes = imagePreparer(base)(source);
    const pixels = imagePreparer({ ...base, layout: 'NHWC' })(source);
    const bgr = imagePreparer({
      ...base,
      color: 'bgr',
      mean: base.mean.toReversed(),
      std: base.std.toReversed(),
    })(source);
    expect([planes.dims, pixels.dims]).toEqual([
      [3, 2, 4],
      [2, 4, 3],
    ]);
    for (let p = 0; p < 8; p++)
      for (let c = 0; c < 3; c++) {
        expect(pixels.data[p * 3 + c]).toBe(planes.data[c * 8 + p]);
        expect(bgr.data[(2 - c) * 8 + p]).toBe(planes.data[c * 8 + p]);
      }
  });

  test('element types hold the same values', () => {
    const source = image(4, 2);
    const base = preset('imagenet', {
      resize: { kind: 'none' },
      crop: null,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    });
    const floats = imagePreparer(base)(source).data;
    const bytes = imagePreparer({ ...base, scale: 1, dtype: 'uint8' })(source).data;
    expect(bytes).toBeInstanceOf(Uint8Array);
    floats.forEach((value, i) => {
      expect(value).toBe(Math.fround(bytes[i]! / 255));
    });
    const halves = imagePreparer({ ...base, scale: 1, dtype: 'float16' })({
      width: 1,
      height: 1,
      channels: 3,
      data: Uint8Array.of(0, 1, 2),
    });
    expect([...halves.data]).toEqual([0, 0x3c00, 0x4000]);
  });

  test('grey is the luma of ITU-R 601-2, as in Pillow', () => {
    const { data } = preparePixels(
      { width: 4, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30) },
      preset('mnist', { resize: { kind: 'none' } }),
    );
    expect([...data]).toEqual([76, 150, 29, 18]);
  });
});
