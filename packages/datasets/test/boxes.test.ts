import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BytesInput,
  boxSamples,
  collect,
  contentHash,
  imageFolder,
  map,
  readBoxes,
  samplesOf,
  sharedGroups,
  splitByHash,
  streamedSamples,
} from '../src/index.ts';
import { tempFolder } from './support/temp-folder.ts';

const bytes = (text: string) => Buffer.from(text);
const json = (value: unknown) => bytes(JSON.stringify(value));
const corners = (input: BytesInput) =>
  readBoxes(input).then(({ boxes }) => boxes.map(({ box }) => [box.x1, box.y1, box.x2, box.y2]));

/** One box, from (10, 20) to (40, 60), in every way. */
const ways: Record<string, Uint8Array> = {
  corners: bytes('image,x1,y1,x2,y2\na.jpg,10,20,40,60\n'),
  'corners of pandas': bytes('xmin,ymin,xmax,ymax,confidence,class,name,file\n10,20,40,60,0.9,3,cat,a.jpg\n'),
  sides: bytes('path,left,top,right,bottom\na.jpg,10,20,40,60\n'),
  'corner and size': bytes('image,x,y,width,height\na.jpg,10,20,30,40\n'),
  'corner and size, short': bytes('file_name,x,y,w,h\r\n"a.jpg",10,20,30,40\r\n'),
  'center and size': bytes('image,cx,cy,w,h\na.jpg,25,40,30,40\n'),
  'array of objects': json([{ image: 'a.jpg', x1: 10, y1: 20, x2: 40, y2: 60 }]),
  'array of corners': json([{ image: 'a.jpg', box: [10, 20, 40, 60] }]),
  'object of Ultralytics': json([
    { image: 'a.jpg', name: 'cat', class: 0, box: { x1: 10, y1: 20, x2: 40, y2: 60 } },
  ]),
  bbox: json([{ file_name: 'a.jpg', bbox: [10, 20, 30, 40] }]),
  'one object': json({ image: 'a.jpg', box: [10, 20, 40, 60] }),
  'JSON lines': bytes('{"image":"a.jpg","box":[10,20,40,60]}\n\n'),
  coco: json({
    images: [{ id: 7, file_name: 'a.jpg' }],
    annotations: [{ id: 1, image_id: 7, bbox: [10, 20, 30, 40] }],
  }),
};

describe('boxes', () => {
  it.each(Object.keys(ways))('are read from %s', async way => {
    const { boxes } = await readBoxes(ways[way]!);
    expect(boxes).toHaveLength(1);
    expect(boxes[0]).toMatchObject({ image: 'a.jpg', box: { x1: 10, y1: 20, x2: 40, y2: 60 } });
  });

  it('are numbered within their image, or have ids and labels of their own', async () => {
    const plain = await readBoxes(bytes('image,x1,y1,x2,y2\na,0,0,9,9\nb,0,0,9,9\na,1,1,9,9\n'));
    expect(plain.boxes.map(({ id }) => id)).toEqual(['a#0', 'b#0', 'a#1']);
    expect(plain.classes).toBeUndefined();
    const named = await readBoxes(
      bytes('id,image,label,x1,y1,x2,y2\nk,a,dog,0,0,9,9\nl,a,,0,0,9,9\nm,a,cat,0,0,9,9\n'),
    );
    expect(named.boxes.map(({ id, label }) => [id, label])).toEqual([
      ['k', 1],
      ['l', undefined],
      ['m', 0],
    ]);
    expect(named.classes).toEqual(['cat', 'dog']);
    const numbered = await readBoxes(bytes('image,label,x1,y1,x2,y2\na,4,0,0,9,9\n'));
    expect([numbered.boxes[0]!.label, numbered.classes]).toEqual([4, undefined]);
  });

  it('that are none are read as they are, for they are refused one by one', async () => {
    const text = 'image,x1,y1,x2,y2\na,nan,0,9,9\na,,0,9,9\na,9,9,0,0\na,0,0,inf,9\n';
    expect(await corners(bytes(text))).toEqual([
      [Number.NaN, 0, 9, 9],
      [Number.NaN, 0, 9, 9],
      [9, 9, 0, 0],
      [0, 0, Number.POSITIVE_INFINITY, 9],
    ]);
    expect(await corners(json([{ image: 'a', box: [null, 0, 9, 9] }]))).toEqual([[Number.NaN, 0, 9, 9]]);
  });

  it('survive CSV for any numbers', async () => {
    const number = fc.double({ min: 2, max: 1e6, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(number, number, number, number), { minLength: 1, maxLength: 20 }),
        async rows => {
          expect(
            await corners(bytes(['image,x1,y1,x2,y2', ...rows.map(row => `a,${row.join()}`)].join('\n'))),
          ).toEqual(rows);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each<[string, Uint8Array, string, RegExp]>([
    ['no header', bytes('a.jpg,1,2,3,4\n'), 'CORRUPT_FILE', /header with a column of images.*line 1.*a\.jpg/],
    ['no coordinates', bytes('image,label\na,b\n'), 'CORRUPT_FILE', /numbers of a box, in one way/],
    [
      'coordinates in two ways',
      bytes('image,x1,y1,x2,y2,x,y,w,h\n'),
      'CORRUPT_FILE',
      /got x1, y1, x2, y2, and x, y, w, h/,
    ],
    [
      'two columns of images',
      bytes('image,path,x1,y1,x2,y2\n'),
      'CORRUPT_FILE',
      /one column of images.*image, path/,
    ],
    ['a column twice', bytes('image,x1,y1,x2,x1\n'), 'CORRUPT_FILE', /each once.*"x1" twice/],
    [
      'words as numbers',
      bytes('image,x1,y1,x2,y2\na,1,2,3,cat\n'),
      'CORRUPT_FILE',
      /number as y2 in line 2.*"cat"/,
    ],
    ['a short line', bytes('image,x1,y1,x2,y2\na,1,2\n'), 'CORRUPT_FILE', /5 cells.*line 2.*got 3/],
    [
      'no image in a line',
      bytes('image,x1,y1,x2,y2\n,1,2,3,4\n'),
      'CORRUPT_FILE',
      /path of an image in line 2/,
    ],
    [
      'an id twice',
      bytes('image,id,x1,y1,x2,y2\na,k,1,2,3,4\nb,k,1,2,3,4\n'),
      'INVALID_VALUE',
      /than that of line 2 at line 3.*"k"/,
    ],
    [
      'shares of the image',
      bytes('image,x1,y1,x2,y2\na,0.1,0,0.5,1\n'),
      'INVALID_VALUE',
      /in pixels.*shares.*multiply/,
    ],
    ['nothing', bytes(''), 'EMPTY_INPUT', /at least one box/],
    ['a header alone', bytes('image,x1,y1,x2,y2\n'), 'EMPTY_INPUT', /at least one box/],
    ['JSON without a box', json([{ image: 'a' }]), 'CORRUPT_FILE', /a box, in one way.*entry 0.*got image/],
    [
      'JSON with two',
      json([{ image: 'a', box: [1, 2, 3, 4], bbox: [1, 2, 3, 4] }]),
      'CORRUPT_FILE',
      /in one way.*several/,
    ],
    [
      'JSON with three numbers',
      json([{ image: 'a', box: [1, 2, 3] }]),
      'CORRUPT_FILE',
      /four numbers.*\[1,2,3\]/,
    ],
    [
      'JSON with words',
      json([{ image: 'a', box: [1, 2, 3, '4'] }]),
      'CORRUPT_FILE',
      /numbers of a box at entry 0/,
    ],
    ['JSON without an image', json([{ box: [1, 2, 3, 4] }]), 'CORRUPT_FILE', /path of an image/],
    ['torn JSON', bytes('[{"image":'), 'CORRUPT_FILE', /JSON/],
    [
      'COCO of an unknown image',
      json({ images: [], annotations: [{ image_id: 1, bbox: [1, 2, 3, 4] }] }),
      'CORRUPT_FILE',
      /image_id among images at annotations\[0\]/,
    ],
    [
      'COCO results alone',
      json([{ image_id: 1, bbox: [1, 2, 3, 4] }]),
      'INVALID_OPTION',
      /COCO file whose images/,
    ],
  ])('are refused from %s', async (_, input, code, message) => {
    const error = await readBoxes(input).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe('COCO', () => {
  const instances = {
    images: [
      { id: 1, file_name: 'x/a.jpg' },
      { id: 2, file_name: 'b.jpg' },
    ],
    categories: [
      { id: 18, name: 'dog' },
      { id: 3, name: 'car' },
    ],
    annotations: [
      { id: 901, image_id: 2, category_id: 18, bbox: [1, 2, 3, 4] },
      { id: 902, image_id: 1, category_id: 3, bbox: [5, 6, 7, 8], iscrowd: 0 },
      { id: 903, image_id: 1, category_id: 3, bbox: [0, 0, 9, 9], iscrowd: 1 },
    ],
  };

  it('gives annotations ids by theirs and labels in order of the categories, without crowds', async () => {
    const list = await readBoxes(json(instances));
    expect(list).toEqual({
      boxes: [
        { image: 'b.jpg', box: { x1: 1, y1: 2, x2: 4, y2: 6 }, id: 'b.jpg#901', label: 1 },
        { image: 'x/a.jpg', box: { x1: 5, y1: 6, x2: 12, y2: 14 }, id: 'x/a.jpg#902', label: 0 },
      ],
      classes: ['car', 'dog'],
      crowds: 1,
    });
  });

  it('gives results the names of their images', async () => {
    const results = json([
      { image_id: 1, category_id: 18, bbox: [1, 2, 3, 4], score: 0.5 },
      { image_id: 1, category_id: 3, bbox: [1, 2, 3, 4], score: 0.4 },
    ]);
    const { boxes } = await readBoxes(results, { images: json(instances) });
    expect(boxes.map(({ id, label }) => [id, label])).toEqual([
      ['x/a.jpg#0', 18],
      ['x/a.jpg#1', 3],
    ]);
  });
});

describe('boxes as samples', () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'images/sub'), { recursive: true });
  for (const name of ['a.jpg', 'sub/b.jpg', 'c.jpg']) writeFileSync(join(folder, 'images', name), name);
  const list = bytes(
    'image,x1,y1,x2,y2\nsub/b.jpg,0,0,1,1\na.jpg,0,0,2,2\n./sub/b.jpg,0,0,3,3\nsub/b.jpg,0,0,4,4\nnone.jpg,0,0,5,5\n',
  );

  it('come image by image, each image read once, with the boxes beside it', async () => {
    const images = await imageFolder(join(folder, 'images'));
    let reads = 0;
    const counted = {
      ...images,
      async read(index: number) {
        reads++;
        return images.read(index);
      },
    };
    const samples = boxSamples(counted, await readBoxes(list));
    expect([samples.length, samples.missing, samples.unused]).toEqual([5, 1, 1]);
    const some = await Promise.all([0, 1, 2, 3].map(index => samples.read(index)));
    expect(some.map(({ id, box }) => [id, box.x2])).toEqual([
      ['sub/b.jpg#0', 1],
      ['./sub/b.jpg#0', 3],
      ['sub/b.jpg#1', 4],
      ['a.jpg#0', 2],
    ]);
    expect(some.map(sample => 'bytes' in sample && Buffer.from(sample.bytes).toString())).toEqual([
      'sub/b.jpg',
      'sub/b.jpg',
      'sub/b.jpg',
      'a.jpg',
    ]);
    expect(reads).toBe(2);
    expect(some[0]!.label).toBeUndefined();
    await expect(samples.read(4)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('of one image stay together in a split', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `i${i % 40},0,0,9,${i + 2}`);
    const images = samplesOf(
      Array.from({ length: 40 }, (_, i) => ({ id: `i${i}`, bytes: new Uint8Array() })),
    );
    const samples = boxSamples(images, await readBoxes(bytes(['image,x1,y1,x2,y2', ...many].join('\n'))));
    const { train, test } = splitByHash(samples, { seed: 1, parts: { train: 0.5, test: 0.5 } });
    expect(train!.length * test!.length).toBeGreaterThan(0);
    expect(sharedGroups(train!, test!)).toEqual([]);
  });

  it('differ in content by their boxes, and keep them when decoded', async () => {
    const image = { id: 'a', bytes: Uint8Array.of(1) };
    const boxed = { ...image, box: { x1: 0, y1: 0, x2: 1, y2: 1 } };
    const hashes = [image, boxed, { ...boxed, box: { ...boxed.box, x2: 2 } }].map(contentHash);
    expect(new Set(hashes).size).toBe(3);
    const pixels = { width: 1, height: 1, channels: 1, data: Uint8Array.of(1) };
    const [decoded] = await collect(map(samplesOf([boxed]), () => ({ pixels })));
    expect(decoded).toEqual({ id: 'a', pixels, box: boxed.box });
  });

  it('are refused where none of their images is there, or where images come as a stream', async () => {
    const images = await imageFolder(join(folder, 'images'));
    const other = await readBoxes(bytes('image,x1,y1,x2,y2\nz.jpg,0,0,9,9\n'));
    expect(() => boxSamples(images, other)).toThrow(
      expect.objectContaining({ code: 'MISSING_IMAGE', got: 'others, as "a.jpg"' }),
    );
    const stream = streamedSamples(() => images[Symbol.asyncIterator]());
    expect(() => boxSamples(stream, other)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });
});
