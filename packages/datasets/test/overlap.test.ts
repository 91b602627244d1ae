import { createRandom } from '@ood/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  contentHash,
  corruptPixels,
  type Decode,
  findDuplicates,
  findOverlap,
  fingerprint,
  hashDistance,
  type Pixels,
  type PixelsSample,
  samplesOf,
} from '../src/index.ts';
import { NearIndex } from '../src/overlap/near-index.ts';
import { picture, pictureSample } from './support/images.ts';

const encode = ({ data, width, height, channels }: Pixels, format: 'png' | 'jpeg') =>
  sharp(data, { raw: { width, height, channels: channels as 3 } })
    .toFormat(format, { quality: 60 })
    .toBuffer();
const decode: Decode = async bytes => {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, data: new Uint8Array(data) };
};
const resized = async ({ data, width, height, channels }: Pixels, scale: number): Promise<Pixels> => {
  const image = sharp(data, { raw: { width, height, channels: channels as 3 } });
  const { data: out, info } = await image
    .resize(Math.round(width * scale))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels, data: new Uint8Array(out) };
};
const brighter = (pixels: Pixels): Pixels => ({
  ...pixels,
  data: pixels.data.map(x => Math.min(255, x * 0.9 + 20)),
});
const set = (seeds: readonly number[]) => samplesOf(seeds.map(seed => pictureSample(seed)));

describe('overlap of two sets', () => {
  it('finds samples that hold the same, whatever they are called', async () => {
    const a = set([1, 2, 3]);
    const b = samplesOf([{ ...pictureSample(2), id: 'renamed' }, pictureSample(9)]);
    const report = await findOverlap(a, b);
    expect(report).toMatchObject({ exactCount: 1, nearCount: 0, compared: { a: 3, b: 2 } });
    expect(report.exact[0]).toMatchObject({ a: 'p2', b: 'renamed' });
  });

  it('finds images that were compressed, resized, brightened or blurred', async () => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const changes: [string, (pixels: Pixels) => Pixels | Promise<Pixels>][] = [
      ['jpeg', async pixels => decode(await encode(pixels, 'jpeg'))],
      ['smaller', pixels => resized(pixels, 0.7)],
      ['larger', pixels => resized(pixels, 1.9)],
      ['brighter', brighter],
      ['blurred', pixels => corruptPixels(pixels, { corruption: 'gaussianBlur', severity: 1, seed: 1 })],
    ];
    for (const [name, change] of changes) {
      const changed: PixelsSample[] = [];
      for (const seed of seeds) changed.push({ id: `${name}${seed}`, pixels: await change(picture(seed)) });
      const report = await findOverlap(set(seeds), samplesOf(changed));
      expect([name, report.near.map(pair => `${pair.a} ${pair.b}`)]).toEqual([
        name,
        seeds.map(seed => `p${seed} ${name}${seed}`),
      ]);
      for (const pair of report.near) expect(pair.similarity).toBeGreaterThan(0.95);
    }
  });

  it('takes different pictures for different', async () => {
    const seeds = (from: number) => Array.from({ length: 150 }, (_, i) => from + i);
    const report = await findOverlap(set(seeds(0)), set(seeds(1000)));
    expect([report.exactCount, report.nearCount]).toEqual([0, 0]);
  });

  it('decodes encoded images with the function that is handed in, and lists those that it cannot', async () => {
    const a = samplesOf([{ id: 'png', bytes: new Uint8Array(await encode(picture(1), 'png')) }]);
    const b = samplesOf([
      { id: 'jpeg', bytes: new Uint8Array(await encode(picture(1), 'jpeg')) },
      { id: 'broken', bytes: Uint8Array.of(1, 2, 3) },
    ]);
    expect(await findOverlap(a, b)).toMatchObject({ nearCount: 0, notHashed: 3 });
    const report = await findOverlap(a, b, { decode });
    expect(report.near).toMatchObject([{ a: 'png', b: 'jpeg' }]);
    expect([report.undecodable, report.notHashed]).toEqual([['broken'], 1]);
  });

  it('never takes two flat images for near-duplicates, but finds equal ones', async () => {
    const flat = (id: string, value: number) => ({
      id,
      pixels: { width: 8, height: 8, channels: 1, data: new Uint8Array(64).fill(value) },
    });
    const report = await findOverlap(samplesOf([flat('a', 0)]), samplesOf([flat('b', 0), flat('c', 255)]));
    expect(report).toMatchObject({ exactCount: 1, nearCount: 0, notHashed: 3 });
  });

  it('compares vectors exactly, and tells apart what only looks the same as bytes', () => {
    const vector = Float32Array.of(1, 2);
    expect(contentHash({ id: 'a', vector })).toBe(contentHash({ id: 'b', label: 3, vector: vector.slice() }));
    expect(contentHash({ id: 'a', vector })).not.toBe(
      contentHash({ id: 'a', bytes: new Uint8Array(vector.buffer) }),
    );
    const pixels = { width: 2, height: 1, channels: 1, data: new Uint8Array(2) };
    expect(contentHash({ id: 'a', pixels })).not.toBe(
      contentHash({ id: 'a', pixels: { ...pixels, width: 1, height: 2 } }),
    );
  });

  it('lists no more pairs than asked, but counts them all', async () => {
    const same = samplesOf(Array.from({ length: 4 }, (_, i) => ({ ...pictureSample(1), id: `${i}` })));
    const report = await findOverlap(same, same, { maxListed: 3 });
    expect([report.exactCount, report.exact.length]).toEqual([16, 3]);
  });

  it('stops when asked, and refuses a distance that it could not search', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(findOverlap(set([1]), set([1]), { signal })).rejects.toThrow('stop');
    await expect(findOverlap(set([1]), set([1]), { maxDistance: 8 })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });
});

describe('duplicates within a set', () => {
  it('are pairs of different samples, each once', async () => {
    const samples = samplesOf([...[1, 2, 1].map((seed, i) => ({ ...pictureSample(seed), id: `${i}` }))]);
    const report = await findDuplicates(samples);
    expect(report.exact).toMatchObject([{ a: '0', b: '2' }]);
    expect(report.nearCount).toBe(0);
  });
});

describe('the index of hashes', () => {
  it('finds exactly what a comparison with all finds', () => {
    const random = createRandom('index');
    const word = () => random.below(2 ** 32);
    const thumbnail = new Float32Array();
    const prints = Array.from({ length: 400 }, () => ({ high: word(), low: word(), thumbnail }));
    const index = new NearIndex();
    for (const [position, print] of prints.entries()) index.add(print, position);
    for (let query = 0; query < 300; query++) {
      const print = { ...prints[random.below(400)]! };
      for (let flips = random.below(10); flips > 0; flips--) {
        if (random.below(2) === 0) print.high = (print.high ^ (1 << random.below(32))) >>> 0;
        else print.low = (print.low ^ (1 << random.below(32))) >>> 0;
      }
      for (const distance of [0, 3, 7]) {
        const all = prints.flatMap((other, position) =>
          hashDistance(print, other) <= distance ? [position] : [],
        );
        expect(index.find(print, distance).map(found => found.position)).toEqual(all);
      }
    }
  });

  it('counts bits', () => {
    const thumbnail = new Float32Array();
    expect(
      hashDistance({ high: 0, low: 0, thumbnail }, { high: 0xffffffff, low: 0x80000001, thumbnail }),
    ).toBe(34);
    expect(fingerprint(picture(1))).toEqual(fingerprint(picture(1)));
  });
});
