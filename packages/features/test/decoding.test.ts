import { readFile } from 'node:fs/promises';
import { deflateSync, inflateSync } from 'node:zlib';
import { startWorker } from '@ood/core/node';
import { describe, expect, test, vi } from 'vitest';
import { PIXELS_AT_ONCE, withinPixelBudget } from '../src/image/pixel-budget.ts';
import { decodeImage, preparePixels, preset } from '../src/index.ts';

interface Golden {
  readonly images: Record<string, { readonly size: [number, number]; readonly rgb_zlib_base64: string }>;
  readonly grey_16_bit: number[];
}

const folder = new URL('./golden/', import.meta.url);
const golden: Golden = JSON.parse(await readFile(new URL('decoding.json', folder), 'utf8'));
const bytesOf = (name: string) => readFile(new URL(`odd/${name}`, folder));
const untouched = preset('imagenet', { resize: { kind: 'none' }, crop: null });
const rgb = async (bytes: Uint8Array, orientation: 'ignore' | 'exif' = 'ignore') =>
  preparePixels(await decodeImage(bytes, { orientation }), untouched);

describe('decodeImage', () => {
  test.each(Object.entries(golden.images))(
    '%s gives the pixels that Pillow gives',
    async (name, expected) => {
      const image = await rgb(await bytesOf(name));
      expect([image.width, image.height]).toEqual(expected.size);
      expect(
        Buffer.from(image.data).equals(inflateSync(Buffer.from(expected.rgb_zlib_base64, 'base64'))),
      ).toBe(true);
    },
  );

  test('16 bits become the high byte', async () => {
    const image = await rgb(await bytesOf('grey-16-bit.png'));
    expect([...image.data.filter((_, i) => i % 3 === 0)]).toEqual(
      golden.grey_16_bit.map(value => value >> 8),
    );
  });

  test.each([
    [1, (w: number, _: number, x: number, y: number) => y * w + x],
    [2, (w: number, _: number, x: number, y: number) => y * w + (w - 1 - x)],
    [3, (w: number, h: number, x: number, y: number) => (h - 1 - y) * w + (w - 1 - x)],
    [4, (w: number, h: number, x: number, y: number) => (h - 1 - y) * w + x],
    [5, (w: number, _: number, x: number, y: number) => x * w + y],
    [6, (w: number, h: number, x: number, y: number) => (h - 1 - x) * w + y],
    [7, (w: number, h: number, x: number, y: number) => (h - 1 - x) * w + (w - 1 - y)],
    [8, (w: number, _: number, x: number, y: number) => x * w + (w - 1 - y)],
  ])('EXIF orientation %i is turned upright where asked to', async (orientation, sourceOf) => {
    const bytes = await bytesOf(`exif-${orientation}.jpg`);
    const stored = await rgb(bytes);
    const upright = await rgb(bytes, 'exif');
    const turned = orientation >= 5;
    expect([upright.width, upright.height]).toEqual(turned ? [15, 20] : [20, 15]);
    for (let y = 0; y < upright.height; y++)
      for (let x = 0; x < upright.width; x++) {
        const source = sourceOf(stored.width, stored.height, x, y) * 3;
        const target = (y * upright.width + x) * 3;
        expect(upright.data.subarray(target, target + 3)).toEqual(stored.data.subarray(source, source + 3));
      }
  });

  test('an animation can be refused', async () => {
    const animated = decodeImage(await bytesOf('animated.gif'), { animated: 'refuse' });
    await expect(animated).rejects.toMatchObject({ code: 'IMAGE_ANIMATED', details: { pages: 2 } });
    await expect(decodeImage(await bytesOf('alpha.webp'), { animated: 'refuse' })).resolves.toMatchObject({
      width: 20,
    });
  });
});

const caseOf = (path: string) => readFile(new URL(`cases/files/${path}`, import.meta.url));

describe('several pictures in one file', () => {
  test.each([
    ['an animated PNG', 'anim.png', 2],
    ['an animated PNG whose first picture is no frame', 'apng-default.png', 2],
    ['two pictures in a JPEG (MPO)', 'mpo.mpo', 2],
    ['an animated WebP', 'anim.webp', 2],
  ])('%s can be refused, or gives its first', async (_, name, pages) => {
    const bytes = await caseOf(`08-apng-not-refused/${name}`);
    await expect(decodeImage(bytes, { animated: 'refuse' })).rejects.toMatchObject({
      code: 'IMAGE_ANIMATED',
      details: { pages },
    });
    await expect(decodeImage(bytes)).resolves.toMatchObject({ width: expect.any(Number) });
  });
});

test('AVIF differs from Pillow by a few levels only, as the documentation says', async () => {
  const { data, channels } = await decodeImage(await caseOf('13-avif-not-pillows-bytes/a.avif'));
  const pillow = await caseOf('13-avif-not-pillows-bytes/pillow.raw');
  expect(channels).toBe(3);
  const differences = pillow.map((value, i) => Math.abs(value - data[i]!));
  expect(Math.max(...differences)).toBeLessThanOrEqual(5);
});

describe('many large images at once', () => {
  test('are decoded in turns, in order, and all of them', async () => {
    const running: number[] = [];
    const most = { images: 0 };
    const order: number[] = [];
    const work = (i: number) => async () => {
      running.push(i);
      order.push(i);
      most.images = Math.max(most.images, running.length);
      await new Promise(resolve => setTimeout(resolve, 1));
      running.splice(running.indexOf(i), 1);
    };
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => withinPixelBudget(PIXELS_AT_ONCE / (i % 2 ? 3 : 1), work(i))),
    );
    expect(order).toEqual([...order.keys()]);
    expect(most.images).toBeLessThanOrEqual(3);
  });

  test('take turns in all threads of a process', async () => {
    const worker = startWorker(new URL('./children/hold-pixels.js', import.meta.url));
    const said: string[] = [];
    worker.on('message', word => said.push(word));
    const heard = (count: number) => vi.waitFor(() => expect(said.length).toBe(count), 60_000);
    await heard(1);
    let mine = 'waiting';
    const turn = withinPixelBudget(1, async () => {
      mine = 'in';
    });
    await new Promise(resolve => setTimeout(resolve, 100));
    expect([said, mine]).toEqual([['held'], 'waiting']);
    worker.postMessage('go on');
    await turn;
    expect(mine).toBe('in');
    await heard(3);
    expect(said).toEqual(['held', 'given back', 'held again']);
    await worker.terminate();
  });

  test('that fail give their room back, and more than may wait are refused', async () => {
    const failing = withinPixelBudget(PIXELS_AT_ONCE, () => Promise.reject(new Error('torn')));
    await expect(failing).rejects.toThrow('torn');
    let release = () => {};
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    const first = withinPixelBudget(2 * PIXELS_AT_ONCE, () => held);
    const waiting = Array.from({ length: 1024 }, () => withinPixelBudget(1, async () => 'done'));
    await expect(withinPixelBudget(1, async () => 'done')).rejects.toMatchObject({
      code: 'OVERLOADED',
      kind: 'environment',
    });
    release();
    await first;
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['done']));
  });
});

describe('decodeImage refuses', () => {
  const cut = async (name: string, length: number) => (await bytesOf(name)).subarray(0, length);
  test.each<[string, string, () => Promise<Uint8Array> | Uint8Array]>([
    ['zero bytes', 'IMAGE_EMPTY', () => new Uint8Array()],
    ['one byte', 'IMAGE_UNSUPPORTED', () => Uint8Array.of(255)],
    ['text', 'IMAGE_UNSUPPORTED', () => Buffer.from('not an image, whatever its name says')],
    [
      'an SVG, which could read files',
      'IMAGE_UNSUPPORTED',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    ],
    ['a truncated JPEG', 'IMAGE_CORRUPT', () => bytesOf('truncated.jpg')],
    ['a truncated PNG', 'IMAGE_CORRUPT', () => bytesOf('truncated.png')],
    ['a truncated bitmap', 'IMAGE_CORRUPT', () => cut('plain.bmp', 600)],
    ['a JPEG of its first bytes', 'IMAGE_CORRUPT', () => cut('plain.jpg', 4)],
    ['a PNG of its first bytes', 'IMAGE_CORRUPT', () => cut('alpha.png', 12)],
    ['a bitmap of its first bytes', 'IMAGE_CORRUPT', () => cut('plain.bmp', 20)],
    ['a decompression bomb', 'IMAGE_TOO_LARGE', () => bombPng(60_000, 60_000)],
    ['absurd dimensions', 'IMAGE_TOO_LARGE', () => bombPng(2_147_483_647, 2_147_483_647)],
    ['a JPEG of absurd dimensions', 'IMAGE_TOO_LARGE', () => withJpegSize(65_000, 65_000)],
    ['a bitmap of absurd dimensions', 'IMAGE_TOO_LARGE', () => withBmpSize(2_000_000_000, 2_000_000_000)],
  ])('%s: %s', async (_, code, make) => {
    const before = process.memoryUsage().rss;
    await expect(decodeImage(await make())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/expected .*, got .*;/),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  test('more pixels than the limit that it is given, in every format', async () => {
    for (const name of Object.keys(golden.images))
      await expect(decodeImage(await bytesOf(name), { maxPixels: 299 })).rejects.toMatchObject({
        code: 'IMAGE_TOO_LARGE',
      });
    await expect(decodeImage(await bytesOf('plain.jpg'), { maxPixels: 300 })).resolves.toMatchObject({
      width: 20,
    });
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%d as a limit', async maxPixels => {
    await expect(decodeImage(await bytesOf('plain.jpg'), { maxPixels })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/maxPixels/),
    });
  });

  /** A small PNG that claims to be large: its pixels are zeros that compress a thousandfold. */
  function bombPng(width: number, height: number): Uint8Array {
    const chunk = (type: string, data: Buffer) =>
      Buffer.concat([uint32(data.length), Buffer.from(type), data, Buffer.alloc(4)]);
    const header = Buffer.concat([uint32(width), uint32(height), Buffer.from([8, 2, 0, 0, 0])]);
    const data = deflateSync(Buffer.alloc(5_000_000));
    return Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk('IHDR', header),
      chunk('IDAT', data),
      chunk('IEND', Buffer.alloc(0)),
    ]);
  }

  async function withJpegSize(width: number, height: number): Promise<Uint8Array> {
    const bytes = Buffer.from(await bytesOf('plain.jpg'));
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes.writeUInt16BE(height, frame + 5);
    bytes.writeUInt16BE(width, frame + 7);
    return bytes;
  }

  async function withBmpSize(width: number, height: number): Promise<Uint8Array> {
    const bytes = Buffer.from(await bytesOf('plain.bmp'));
    bytes.writeInt32LE(width, 18);
    bytes.writeInt32LE(height, 22);
    return bytes;
  }

  function uint32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  }
});
