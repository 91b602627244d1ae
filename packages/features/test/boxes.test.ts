import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  type Box,
  createSharedDecoder,
  cropBox,
  extract,
  extractToStore,
  hashPreprocessing,
  openFeatureStore,
  type PixelImage,
  parsePreprocessing,
  preset,
  type Sample,
  type SharedDecoder,
  sampleDigester,
} from '../src/index.ts';
import { describedModel, planeMeans } from './models.ts';
import { small, streamed } from './samples.ts';
import { temporaryFolder } from './temporary.ts';

/** Each pixel says where it is: red its column, green its row. */
function coordinates(width: number, height: number): PixelImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set([x, y, 7], (y * width + x) * 3);
  return { width, height, channels: 3, data };
}

const image = coordinates(200, 100);
const box = (x1: number, y1: number, x2: number, y2: number): Box => ({ x1, y1, x2, y2 });

const golden: { cases: { box: number[]; left: number; top: number; width: number; height: number }[] } =
  JSON.parse(readFileSync(new URL('./golden/boxes.json', import.meta.url), 'utf8'));

/** Left, top, right and bottom of what was cut, as its own pixels say. */
function edges({ width, height, data }: PixelImage) {
  return [data[0]!, data[1]!, data[0]! + width, data[1]! + height];
}

describe('a box', () => {
  it.each<[string, Box, Parameters<typeof cropBox>[2], number[]]>([
    ['of whole numbers is itself', box(10, 20, 40, 60), undefined, [10, 20, 40, 60]],
    ['is rounded to the nearest pixel', box(10.4, 20.6, 40.4, 60.6), undefined, [10, 21, 40, 61]],
    ['rounds halves to even, as Pillow does', box(10.5, 11.5, 20.5, 21.5), undefined, [10, 12, 20, 22]],
    ['is clipped to the image', box(-30, -5, 20, 30), undefined, [0, 0, 20, 30]],
    ['is clipped at the far end', box(150, 90, 500, 101), undefined, [150, 90, 200, 100]],
    ['larger than the image is all of it', box(-9, -9, 999, 999), undefined, [0, 0, 200, 100]],
    ['has a margin on each side', box(50, 40, 70, 50), { margin: 0.1, square: false }, [48, 39, 72, 51]],
    [
      'has a margin as far as the image goes',
      box(0, 0, 20, 10),
      { margin: 0.5, square: false },
      [0, 0, 30, 15],
    ],
    ['is made square around its center', box(50, 40, 70, 50), { margin: 0, square: true }, [50, 35, 70, 55]],
    [
      'has a margin, then is made square',
      box(50, 40, 70, 50),
      { margin: 0.5, square: true },
      [40, 25, 80, 65],
    ],
  ])('%s', (_, given, crop, expected) => {
    expect(edges(cropBox(image, given, crop))).toEqual(expected);
  });

  it.each(golden.cases)(
    '$box is cut as Pillow does',
    ({ box: [x1, y1, x2, y2], left, top, width, height }) => {
      const cut = cropBox(image, box(x1!, y1!, x2!, y2!));
      expect(edges(cut)).toEqual([left, top, left + width, top + height]);
    },
  );

  it('gives the pixels that are there, of any number of channels', () => {
    fc.assert(
      fc.property(
        fc.tuple(
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 1, max: 30 }),
          fc.integer({ min: 1, max: 30 }),
        ),
        fc.array(fc.double({ min: -10, max: 40, noNaN: true }), { minLength: 4, maxLength: 4 }),
        ([channels, width, height], [x1, y1, x2, y2]) => {
          const whole = {
            width,
            height,
            channels,
            data: Uint8Array.from({ length: width * height * channels }, (_, i) => i),
          };
          let cut: PixelImage;
          try {
            cut = cropBox(whole, { x1: x1!, y1: y1!, x2: x2!, y2: y2! });
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^BOX_/) });
            return;
          }
          expect(cut.data.length).toBe(cut.width * cut.height * channels);
          const left = Math.max(0, Math.round(x1! - 1e-9));
          expect(Math.abs(cut.width - (Math.min(width, x2!) - Math.max(0, x1!)))).toBeLessThanOrEqual(1);
          const top = Math.max(0, Math.round(y1! - 1e-9));
          // The last pixel of the crop, found in the image by its corner.
          const at = ((top + cut.height - 1) * width + left + cut.width - 1) * channels;
          if (Math.abs((x1! % 1) - 0.5) > 1e-6 && Math.abs((y1! % 1) - 0.5) > 1e-6)
            expect(cut.data.at(-1)).toBe(whole.data[at + channels - 1]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each<[string, unknown, string, RegExp]>([
    ['NaN', box(Number.NaN, 0, 1, 1), 'BOX_INVALID', /four finite numbers.*\[NaN, 0, 1, 1\]/],
    ['infinity', box(0, 0, Number.POSITIVE_INFINITY, 1), 'BOX_INVALID', /four finite numbers/],
    ['text', { x1: '1', y1: 0, x2: 5, y2: 5 }, 'BOX_INVALID', /four finite numbers/],
    ['nothing', null, 'BOX_INVALID', /four finite numbers/],
    [
      'corners in the wrong order',
      box(40, 0, 10, 50),
      'BOX_INVALID',
      /x1 < x2 and y1 < y2.*not a width and height/,
    ],
    ['no area', box(10, 10, 10, 50), 'BOX_INVALID', /x1 < x2/],
    ['less than a pixel', box(10.6, 10, 10.9, 50), 'BOX_INVALID', /at least a pixel/],
    ['a place left of the image', box(-20, 0, 0, 50), 'BOX_OUTSIDE', /200×100/],
    ['a place below the image', box(0, 100, 10, 150), 'BOX_OUTSIDE', /\[0, 100, 10, 150\].*EXIF/],
  ])('of %s is refused', (_, given, code, message) => {
    expect(() => cropBox(image, given as Box)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

describe('how boxes are cut', () => {
  const boxes = { margin: 0.25, square: true };

  it('is part of the preprocessing and of its hash, and absent as before', () => {
    const whole = preset('cifar');
    const cut = preset('cifar', { boxes });
    expect(parsePreprocessing(JSON.stringify(cut))).toEqual(cut);
    expect(hashPreprocessing(cut)).not.toBe(hashPreprocessing(whole));
    expect('boxes' in whole).toBe(false);
  });

  it.each([
    { margin: -1, square: true },
    { margin: 11, square: true },
    { margin: 0 },
    { margin: '0', square: true },
    null,
    1,
  ])('is refused as %j', value => {
    expect(() => parsePreprocessing({ ...preset('cifar'), boxes: value })).toThrow(/boxes.*margin, square/);
  });
});

const png = async ({ width, height, channels, data }: PixelImage): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels: channels as 3 } })
    .png()
    .toBuffer();

/** A decoder that keeps what it decoded. */
function spy(): SharedDecoder & { readonly images: Set<PixelImage> } {
  const images = new Set<PixelImage>();
  const decoder = createSharedDecoder();
  return {
    ...decoder,
    images,
    async decode(...args) {
      const decoded = await decoder.decode(...args);
      images.add(decoded);
      return decoded;
    },
  };
}

describe('extraction of boxes', () => {
  it('decodes each image once, and gives each box the features of its pixels', async () => {
    const files = await Promise.all([png(coordinates(200, 100)), png(coordinates(60, 60))]);
    const places = Array.from({ length: 40 }, (_, i) => box(i, 2 * (i % 20), i + 8, 2 * (i % 20) + 8));
    const samples = files.flatMap((bytes, file): Sample[] =>
      places.map((place, i) => ({ id: `${file}#${i}`, bytes, box: place })),
    );
    const decoder = spy();
    const { ids, features } = await extract(planeMeans(), streamed(samples), {
      preprocessing: small,
      batchSize: 7,
      decoder,
    });
    expect(decoder.images.size).toBe(2);
    expect(ids).toEqual(samples.map(({ id }) => id));
    for (const [row, { x1, y1 }] of [...places, ...places].entries()) {
      // The mean column and row of 8 × 8 pixels.
      expect(features.data[row * 3]! * 255).toBeCloseTo(x1 + 3.5, 3);
      expect(features.data[row * 3 + 1]! * 255).toBeCloseTo(y1 + 3.5, 3);
    }
  });

  it('of pixels is the same as of their file', async () => {
    const bytes = await png(image);
    const places = [box(3, 4, 33, 44), box(50.2, 10, 180, 99)];
    const both = await extract(
      planeMeans(),
      streamed(
        places.flatMap((place, i): Sample[] => [
          { id: `bytes ${i}`, bytes, box: place },
          { id: `pixels ${i}`, pixels: image, box: place },
        ]),
      ),
      { preprocessing: { ...small, boxes: { margin: 0.1, square: true } } },
    );
    const row = (i: number) => [...both.features.data.subarray(3 * i, 3 * i + 3)];
    expect(row(0)).toEqual(row(1));
    expect(row(2)).toEqual(row(3));
  });

  it('counts from the image turned upright, where the preprocessing turns it', async () => {
    const turned = await sharp(image.data, { raw: { width: 200, height: 100, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const place = box(0, 150, 8, 158);
    const run = (orientation: 'exif' | 'ignore') =>
      extract(planeMeans(), streamed([{ id: 'x', bytes: turned, box: place }]), {
        preprocessing: { ...small, orientation },
      });
    const { features } = await run('exif');
    // Turned clockwise by a quarter: its rows are the columns from the left, its columns the rows from below.
    expect(features.data[0]! * 255).toBeCloseTo(153.5, 3);
    expect(features.data[1]! * 255).toBeCloseTo(95.5, 3);
    await expect(run('ignore')).rejects.toMatchObject({
      code: 'EMPTY_INPUT',
      message: expect.stringMatching(/BOX_OUTSIDE/),
    });
  });

  it('refuses each bad box by its id, and all boxes of a torn image, and goes on', async () => {
    const bytes = await png(image);
    const torn = bytes.slice(0, bytes.length / 2);
    const sample = (id: string, place: Box, file = bytes): Sample => ({ id, bytes: file, box: place });
    const { ids, failures } = await extract(
      planeMeans(),
      streamed([
        sample('a#0', box(0, 0, 9, 9)),
        sample('a#1', box(9, 9, 0, 0)),
        sample('a#2', box(300, 0, 400, 9)),
        sample('a#3', { ...box(0, 0, 9, 9), x2: Number.NaN }),
        sample('b#0', box(0, 0, 9, 9), torn),
        sample('b#1', box(0, 0, 9, 9), torn),
        sample('a#4', box(0, 0, 9, 9)),
      ]),
      { preprocessing: small },
    );
    expect(ids).toEqual(['a#0', 'a#4']);
    expect(failures.map(({ index, id, code }) => [index, id, code])).toEqual([
      [1, 'a#1', 'BOX_INVALID'],
      [2, 'a#2', 'BOX_OUTSIDE'],
      [3, 'a#3', 'BOX_INVALID'],
      [4, 'b#0', 'IMAGE_CORRUPT'],
      [5, 'b#1', 'IMAGE_CORRUPT'],
    ]);
  });

  it('into a store goes on where it was interrupted, and tells other boxes of the same image', async () => {
    const bytes = await png(image);
    const samples = Array.from(
      { length: 30 },
      (_, i): Sample => ({ id: `a#${i}`, bytes, box: box(i, i, i + 8, i + 8) }),
    );
    const path = join(await temporaryFolder(), 'boxes.arrow');
    const options = { preprocessing: small, batchSize: 4, rowsPerBatch: 4 };
    const stopped = streamed(samples, index => {
      if (index === 20) throw new Error('pulled the plug');
    });
    await expect(extractToStore(path, describedModel(), stopped, options)).rejects.toThrow('pulled the plug');
    const moved = samples.map((sample, i) => (i === 3 ? { ...sample, box: box(0, 0, 5, 5) } : sample));
    await expect(
      extractToStore(path, describedModel(), streamed(moved as Sample[]), options),
    ).rejects.toMatchObject({
      code: 'STORE_MISMATCH',
    });
    const made = await extractToStore(path, describedModel(), streamed(samples), options);
    expect(made.rows).toBe(30);
    expect(made.reusedRows).toBeGreaterThan(0);
    const whole = await extract(planeMeans(), streamed(samples), options);
    const store = await openFeatureStore(path);
    const stored = await store.readRows(0, 30);
    await store.close();
    expect(stored.ids).toEqual(whole.ids);
    expect([...stored.indices]).toEqual([...whole.indices]);
    expect(stored.features.data).toEqual(whole.features.data);
  });
});

describe('a digest', () => {
  const bytes = Uint8Array.of(1, 2, 3);

  it('tells boxes of one image apart, and knows their image', () => {
    const digest = sampleDigester();
    const whole = digest({ id: 'a', bytes });
    const [first, second] = [box(0, 0, 1, 1), box(0, 0, 1, 2)].map(place =>
      digest({ id: 'a', bytes, box: place }),
    );
    expect(whole.whole).toBe(whole.content);
    expect([first!.whole, second!.whole]).toEqual([whole.content, whole.content]);
    expect(new Set([whole.content, first!.content, second!.content]).size).toBe(3);
  });

  it('is the same for pixels and bytes that come as other objects', () => {
    const digest = sampleDigester();
    const place = box(0, 0, 1, 1);
    const one = digest({ id: 'a', bytes, box: place });
    digest({ id: 'b', bytes: Uint8Array.of(9), box: place });
    expect(digest({ id: 'c', bytes: bytes.slice(), box: { ...place } })).toEqual(one);
  });
});

describe('a shared decoder', () => {
  it('knows an image by what it holds, and tells options apart', async () => {
    const bytes = Buffer.from(await png(image));
    const decoder = createSharedDecoder();
    const first = await decoder.decode(bytes, {});
    expect(await decoder.decode(Buffer.from(bytes), {})).toBe(first);
    expect(await decoder.decode(bytes, { orientation: 'exif' })).not.toBe(first);
    await expect(decoder.decode(bytes.subarray(0, 60), {})).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    expect((await decoder.decode(bytes, {})).data).toEqual(first.data);
  });
});
