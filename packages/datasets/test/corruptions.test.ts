import { readFileSync } from 'node:fs';
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

interface GoldenJpeg {
  readonly quality: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Bytes of the pixels, base64. */
  readonly clean: string;
  readonly compressed: string;
}

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
  it.each(['imagenet', 'cifar'] as const)('changes a picture more with every severity (%s)', async scale => {
    const clean = picture(1);
    const changes: number[] = [];
    for (const severity of levels)
      changes.push(difference(clean, await corruptPixels(clean, { corruption, severity, scale, seed: 1 })));
    expect(changes[0]).toBeGreaterThan(0);
    expect(changes).toEqual([...changes].sort((a, b) => a - b));
  });

  it.each([1, 3, 4])(
    'keeps the shape of images with %d channels, and leaves the original alone',
    async channels => {
      const clean = picture(2, 33, 17, channels);
      const copy = Uint8Array.from(clean.data);
      const changed = await corruptPixels(clean, { corruption, severity: 3, seed: 1 });
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
  const at = async (corruption: CorruptionName, value: number, channels = 3) =>
    spread(await corruptPixels(flat(value, channels), { corruption, severity: 1, seed: 3 }));

  it('Gaussian noise has standard deviation 0.08', async () => {
    expect((await at('gaussianNoise', 128)).deviation / 255).toBeCloseTo(0.08, 2);
  });

  it('shot noise has variance x / 60', async () => {
    const { mean, deviation } = await at('shotNoise', 102);
    expect(mean / 255).toBeCloseTo(0.4, 2);
    expect((deviation / 255) ** 2).toBeCloseTo(0.4 / 60, 3);
  });

  it('impulse noise replaces 3 % of the values by black or white', async () => {
    const { data } = await corruptPixels(flat(128), { corruption: 'impulseNoise', severity: 1, seed: 3 });
    const share = (value: number) => data.filter(x => x === value).length / data.length;
    expect(share(0)).toBeCloseTo(0.015, 2);
    expect(share(255)).toBeCloseTo(0.015, 2);
    expect(share(128)).toBeCloseTo(0.97, 2);
  });

  it('contrast brings values to 0.4 of their distance from the mean', async () => {
    const pixels: Pixels = { width: 2, height: 1, channels: 1, data: Uint8Array.of(50, 150) };
    const { data } = await corruptPixels(pixels, { corruption: 'contrast', severity: 1, seed: 0 });
    expect([...data]).toEqual([80, 120]);
  });

  it('blur spreads a point as a Gaussian of its sigma, and leaves flat images as they are', async () => {
    const data = new Uint8Array(41 * 41);
    data[20 * 41 + 20] = 255;
    const blurred = await corruptPixels(
      { width: 41, height: 41, channels: 1, data },
      { corruption: 'gaussianBlur', severity: 1, seed: 0 },
    );
    expect(blurred.data[20 * 41 + 20]).toBe(Math.floor(255 / (2 * Math.PI)));
    expect(blurred.data[20 * 41 + 22]).toBe(Math.floor((255 / (2 * Math.PI)) * Math.exp(-2)));
    expect(
      spread(await corruptPixels(flat(77), { corruption: 'gaussianBlur', severity: 5, seed: 0 })).deviation,
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
  const { cases }: { cases: GoldenJpeg[] } = JSON.parse(
    readFileSync(new URL('./golden/jpeg.json', import.meta.url), 'utf8'),
  );

  it.each(cases)(
    'at quality $quality gives Pillow’s bytes ($width × $height, $channels channels)',
    async golden => {
      const { quality, width, height, channels } = golden;
      const clean: Pixels = { width, height, channels, data: Buffer.from(golden.clean, 'base64') };
      const compressed = await jpegRoundTrip(clean, quality);
      expect(difference(clean, compressed)).toBeGreaterThan(3);
      expect(compressed.data).toEqual(new Uint8Array(Buffer.from(golden.compressed, 'base64')));
    },
  );

  it.each([2, 4])('keeps the alpha of %d channels', async channels => {
    const clean = picture(3, 20, 12, channels);
    const colors = channels - 1;
    const opaque = { ...clean, channels: colors, data: clean.data.filter((_, i) => i % channels < colors) };
    const compressed = await jpegRoundTrip(clean, 20);
    const alpha = ({ data }: Pixels) => data.filter((_, i) => i % channels === colors);
    expect(alpha(compressed)).toEqual(alpha(clean));
    expect(compressed.data.filter((_, i) => i % channels < colors)).toEqual(
      (await jpegRoundTrip(opaque, 20)).data,
    );
  });
});
