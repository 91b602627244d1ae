import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  type CorruptionName,
  collect,
  corrupt,
  corruptionNames,
  corruptPixels,
  jpegRoundTrip,
  type Pixels,
  type Severity,
  samplesOf,
  shuffle,
  streamedSamples,
} from '../src/index.ts';
import { picture, pictureSample } from './support/images.ts';

const difference = (a: Pixels, b: Pixels) =>
  a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length;
const levels: readonly Severity[] = [1, 2, 3, 4, 5];
const flat = (value: number, channels = 3): Pixels => ({
  width: 64,
  height: 64,
  channels,
  data: new Uint8Array(64 * 64 * channels).fill(value),
});
const spread = ({ data }: Pixels) => {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  return {
    mean,
    deviation: Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length),
  };
};

describe.each(corruptionNames)('%s', corruption => {
  it.each(['imagenet', 'cifar'] as const)('changes a picture more with every severity (%s)', scale => {
    const clean = picture(1);
    const changes = levels.map(severity =>
      difference(clean, corruptPixels(clean, { corruption, severity, scale, seed: 1 })),
    );
    expect(changes[0]).toBeGreaterThan(0);
    expect(changes).toEqual([...changes].sort((a, b) => a - b));
  });

  it.each([1, 3, 4])(
    'keeps the shape of images with %d channels, and leaves the original alone',
    channels => {
      const clean = picture(2, 33, 17, channels);
      const copy = Uint8Array.from(clean.data);
      const changed = corruptPixels(clean, { corruption, severity: 3, seed: 1 });
      expect([changed.width, changed.height, changed.channels, changed.data.length]).toEqual([
        33,
        17,
        channels,
        33 * 17 * channels,
      ]);
      expect(clean.data).toEqual(copy);
    },
  );

  it('depends on seed and id, not on the order of reading', async () => {
    const samples = samplesOf([1, 2, 3].map(seed => pictureSample(seed)));
    const options = { corruption, severity: 2, seed: 7 } as const;
    const straight = await collect(corrupt(samples, options));
    const mixed = await collect(corrupt(shuffle(samples, { seed: 1 }), options));
    const streamed = await collect(
      corrupt(
        streamedSamples(() => samples[Symbol.asyncIterator]()),
        options,
      ),
    );
    for (const sample of straight) expect(mixed.find(other => other.id === sample.id)).toEqual(sample);
    expect(streamed).toEqual(straight);
  });
});

describe('strengths are the published ones', () => {
  const at = (corruption: CorruptionName, value: number, channels = 3) =>
    spread(corruptPixels(flat(value, channels), { corruption, severity: 1, seed: 3 }));

  it('Gaussian noise has standard deviation 0.08', () => {
    expect(at('gaussianNoise', 128).deviation / 255).toBeCloseTo(0.08, 2);
  });

  it('shot noise has variance x / 60', () => {
    const { mean, deviation } = at('shotNoise', 102);
    expect(mean / 255).toBeCloseTo(0.4, 2);
    expect((deviation / 255) ** 2).toBeCloseTo(0.4 / 60, 3);
  });

  it('impulse noise replaces 3 % of the values by black or white', () => {
    const { data } = corruptPixels(flat(128), { corruption: 'impulseNoise', severity: 1, seed: 3 });
    const share = (value: number) => data.filter(x => x === value).length / data.length;
    expect(share(0)).toBeCloseTo(0.015, 2);
    expect(share(255)).toBeCloseTo(0.015, 2);
    expect(share(128)).toBeCloseTo(0.97, 2);
  });

  it('contrast brings values to 0.4 of their distance from the mean', () => {
    const pixels: Pixels = { width: 2, height: 1, channels: 1, data: Uint8Array.of(50, 150) };
    expect([...corruptPixels(pixels, { corruption: 'contrast', severity: 1, seed: 0 }).data]).toEqual([
      80, 120,
    ]);
  });

  it('blur spreads a point as a Gaussian of its sigma, and leaves flat images as they are', () => {
    const data = new Uint8Array(41 * 41);
    data[20 * 41 + 20] = 255;
    const blurred = corruptPixels(
      { width: 41, height: 41, channels: 1, data },
      { corruption: 'gaussianBlur', severity: 1, seed: 0 },
    );
    expect(blurred.data[20 * 41 + 20]).toBe(Math.floor(255 / (2 * Math.PI)));
    expect(blurred.data[20 * 41 + 22]).toBe(Math.floor((255 / (2 * Math.PI)) * Math.exp(-2)));
    expect(
      spread(corruptPixels(flat(77), { corruption: 'gaussianBlur', severity: 5, seed: 0 })).deviation,
    ).toBe(0);
  });

  it.each([
    ['fog', 1, 'imagenet'],
    ['jpeg', 0, 'imagenet'],
    ['jpeg', 6, 'imagenet'],
    ['jpeg', 1, 'mnist'],
    ['toString', 1, 'imagenet'],
  ])('%s of severity %d on the scale %s is refused', (corruption, severity, scale) => {
    const options = { corruption, severity, scale, seed: 1 } as never;
    expect(() => corrupt(samplesOf([pictureSample(1)]), options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });
});

describe('the JPEG round trip', () => {
  /** libjpeg-turbo's encoder and decoder, by way of sharp. */
  const reference = async ({ data, width, height, channels }: Pixels, quality: number): Promise<Pixels> => {
    const raw = { width, height, channels: channels as 1 | 3 };
    const file = await sharp(data, { raw }).jpeg({ quality, chromaSubsampling: '4:2:0' }).toBuffer();
    const decoded = await sharp(file)
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer();
    return { width, height, channels, data: new Uint8Array(decoded) };
  };

  it.each([
    [7, 64, 48, 3],
    [25, 64, 48, 3],
    [58, 61, 35, 3],
    [80, 17, 9, 3],
    [40, 33, 31, 1],
  ])(
    'at quality %d gives what a real encoder and decoder give (%d × %d, %d channels)',
    async (quality, w, h, channels) => {
      const clean = picture(5, w, h, channels);
      const ours = jpegRoundTrip(clean, quality);
      const theirs = await reference(clean, quality);
      const worst = Math.max(...ours.data.map((value, i) => Math.abs(value - theirs.data[i]!)));
      expect(difference(clean, theirs)).toBeGreaterThan(0.3);
      expect(difference(ours, theirs)).toBeLessThan(0.25);
      // Where a coefficient lies between two levels, integer and exact DCT may choose differently.
      expect(worst).toBeLessThanOrEqual(10);
    },
  );
});
