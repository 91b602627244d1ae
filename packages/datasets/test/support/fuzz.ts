import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { createRandom, type Random } from '@ood/core';
import { tinyImagenet } from '../../src/catalog/tiny-imagenet.ts';
import { PartialFile } from '../../src/download/partial-file.ts';
import {
  archiveImages,
  bytesSource,
  type CatalogEntry,
  cifar,
  csvVectors,
  extractArchive,
  idxImages,
  npyImages,
  npyVectors,
  openGlyphs,
  openGlyphsBackbone,
  openNpy,
  openNpz,
  readImageList,
  readMat5,
  Store,
  svhn,
} from '../../src/index.ts';
import { cifarBytes, idxBytes, matBytes, npyBytes } from './make-files.ts';
import { makeTar, paxRecord } from './make-tar.ts';
import { makeZip } from './make-zip.ts';

/** Where a reader may write. */
export interface Place {
  /** A path where nothing is; where the reader refuses, nothing may be there afterwards. */
  readonly out: string;
  /** A folder of this target's own, kept from one file to the next. */
  readonly scratch: string;
}

/** A reader and a good file to start from. `read` reads everything that the file claims to hold. */
export interface FuzzTarget {
  readonly name: string;
  readonly good: Buffer;
  /** Puts right after a mutation what would otherwise hide it: checksums, compression. */
  seal?(bytes: Buffer): Buffer;
  /** Another way to change the good file. Default: bits, bytes, cuts. */
  mutate?(good: Buffer, random: Random): Buffer;
  read(bytes: Uint8Array, place: Place): Promise<void>;
}

async function drain(samples: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of samples);
}

const tar = makeTar([
  { name: 'PaxHeader', type: 'ExtendedHeader', data: paxRecord('path', `${'a/'.repeat(70)}long.png`) },
  { name: 'short', data: 'first' },
  { name: 'set/a/1.png', data: 'x'.repeat(700) },
  { name: 'set/', type: 'Directory' },
  { name: 'set/b/2.png', data: 'y' },
]);
const zip = makeZip([
  { name: 'set/a/1.png', data: 'x'.repeat(700), deflate: true },
  { name: 'set/b/2.png', data: 'yy' },
]);
const mat = [
  { name: 'X', dims: [32, 32, 3, 2], type: 2, data: new Uint8Array(6144).fill(7) },
  { name: 'y', dims: [2, 1], type: 2, data: Uint8Array.of(1, 2) },
];
const limits = { maxTotalBytes: 2 ** 24, maxEntryBytes: 2 ** 22 };
const table = 'id,a,b,"kind of\nit"\n"x, 1",1,2.5,cat\n"y ""2""",-3e2,0,dog\r\n\nz,5,6,"cat"\n';

/** Headers of a tar with the checksums that they should have. */
function sealTar(bytes: Buffer): Buffer {
  const sealed = Buffer.from(bytes);
  for (let at = 0; at + 512 <= sealed.length; at += 512) {
    if (sealed.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    sealed.fill(' ', at + 148, at + 156);
    const sum = sealed.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    sealed.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  }
  return sealed;
}

/** The variables of a plain MAT-file, together in one compressed element. */
function sealMat(bytes: Buffer): Buffer {
  const packed = deflateSync(bytes.subarray(128));
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(15, 0);
  tag.writeUInt32LE(packed.length, 4);
  return Buffer.concat([bytes.subarray(0, 128), tag, packed]);
}

const entry: CatalogEntry = {
  name: 'fuzzed',
  title: 'F',
  description: '',
  license: '',
  citation: '',
  homepage: '',
  files: [{ name: 'data.bin', urls: ['https://example.org/data.bin'], format: 'text' }],
  splits: {},
  usage: '',
  overlaps: [],
  unverified: [],
};

/** A glyph set of two images of 2 × 2, and its manifest. */
const glyphFiles = {
  'images.gz': gzipSync(idxBytes([2, 2, 2], new Uint8Array(8).fill(9))),
  'labels.gz': gzipSync(idxBytes([2], Uint8Array.of(0, 1))),
  'samples.tsv.gz': gzipSync('sans\tregular\tA\t0\nserif\tbold\tB\t0\n'),
};
const fileOf = (path: keyof typeof glyphFiles) => ({
  path,
  bytes: glyphFiles[path].length,
  sha256: createHash('sha256').update(glyphFiles[path]).digest('hex'),
});
const manifest = {
  format: 'ood-glyphs',
  version: 1,
  name: 'tiny',
  description: 'two letters',
  licence: 'CC0-1.0',
  seed: 1,
  image: { height: 2, width: 2, levels: 16 },
  classes: ['A', 'B'],
  sets: (['train', 'validation', 'test', 'ood'] as const).map(role => ({
    name: role,
    role,
    description: role,
    count: 2,
    images: fileOf('images.gz'),
    labels: fileOf('labels.gz'),
    samples: fileOf('samples.tsv.gz'),
  })),
  sources: [{ family: 'sans', name: 'Sans', licence: 'OFL-1.1', usedIn: ['train'] }],
};
const backbone = {
  format: 'ood-glyphs-backbone',
  version: 1,
  model: fileOf('images.gz'),
  input: 'image',
  output: 'logits',
  featureDim: 4,
  preprocessing: { version: 1 },
  training: {},
  accuracy: { train: 1, validation: 1, test: 1 },
};

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

export const fuzzTargets: readonly FuzzTarget[] = [
  ...(
    [
      ['tar', tar, undefined],
      ['tar with right checksums', tar, sealTar],
      ['tar.gz', gzipSync(tar), undefined],
      ['tar.gz with right checksums', tar, (bytes: Buffer) => gzipSync(sealTar(bytes))],
      ['zip', zip, undefined],
    ] as const
  ).flatMap(([name, good, seal]): FuzzTarget[] => [
    { name, good, ...(seal && { seal }), read: async bytes => drain(await archiveImages(bytes, limits)) },
    {
      name: `${name}, unpacked`,
      good,
      ...(seal && { seal }),
      read: async (bytes, { out }) => void (await extractArchive(bytes, out, limits)),
    },
  ]),
  {
    name: 'zip of Tiny ImageNet',
    good: makeZip([
      { name: 'tiny-imagenet-200/wnids.txt', data: 'n01\nn02\n' },
      { name: 'tiny-imagenet-200/val/val_annotations.txt', data: 'a.JPEG\tn01\t0\nb.JPEG\tn02\t0\n' },
      { name: 'tiny-imagenet-200/val/images/a.JPEG', data: 'a' },
      { name: 'tiny-imagenet-200/val/images/b.JPEG', data: 'b' },
    ]),
    read: async bytes => drain(await tinyImagenet(bytes, 'val')),
  },
  { name: 'CIFAR', good: cifarBytes([1, 2]), read: async bytes => drain(await cifar(bytes)) },
  { name: 'CIFAR, gzip', good: gzipSync(cifarBytes([1, 2])), read: async bytes => drain(await cifar(bytes)) },
  {
    name: 'CIFAR-100',
    good: Buffer.concat([Buffer.of(3), cifarBytes([42])]),
    read: async bytes => drain(await cifar(bytes, { variant: 'cifar100' })),
  },
  {
    name: 'IDX',
    good: idxBytes([3, 4, 5], new Uint8Array(60)),
    read: async bytes => drain(await idxImages(bytes)),
  },
  {
    name: 'IDX labels',
    good: idxBytes([3], Uint8Array.of(1, 2, 3)),
    read: async bytes => drain(await idxImages(idxBytes([3, 1, 1], new Uint8Array(3)), { labels: bytes })),
  },
  { name: 'MAT, compressed', good: matBytes(mat), read: async bytes => drain(await svhn(bytes)) },
  { name: 'MAT, plain', good: matBytes(mat, 'plain'), read: async bytes => drain(await svhn(bytes)) },
  {
    name: 'MAT, compressed after the damage',
    good: matBytes(mat.slice(1), 'plain'),
    seal: sealMat,
    read: async bytes => {
      for (const array of await readMat5(bytesSource(bytes))) await drain(array.content());
    },
  },
  {
    name: 'npy',
    good: npyBytes('<f4', [3, 4], new Array(12).fill(1)),
    read: async bytes => drain(await npyVectors(bytes)),
  },
  {
    name: 'npy, numbers of either byte order',
    good: npyBytes('>i2', [3, 4], new Array(12).fill(1)),
    read: async bytes => {
      const array = await openNpy(bytes);
      for (let row = 0; row < Math.min(array.rows, 1000); row++) await array.rowNumbers(row);
    },
  },
  {
    name: 'npy labels',
    good: npyBytes('<i8', [3], [0, 1, -1]),
    read: async bytes => drain(await npyVectors(npyBytes('<f4', [3, 1], [1, 2, 3]), { labels: bytes })),
  },
  {
    name: 'npy images',
    good: npyBytes('|u1', [3, 2, 2], new Array(12).fill(1)),
    read: async bytes => drain(await npyImages(bytes)),
  },
  {
    name: 'npz',
    good: makeZip([{ name: 'a.npy', data: npyBytes('<f4', [3, 4], new Array(12).fill(1)), deflate: true }]),
    read: async bytes => {
      const npz = await openNpz(bytes, { maxArrayBytes: 2 ** 22 });
      for (const name of npz.names) await drain(await npyVectors(await npz.array(name)));
    },
  },
  {
    name: 'CSV',
    good: Buffer.from(table),
    read: async bytes => drain(await csvVectors(bytes, { label: 3, id: 0, header: true })),
  },
  {
    name: 'CSV, gzip',
    good: gzipSync(table),
    read: async bytes => drain(await csvVectors(bytes, { label: 3, id: 0, header: true })),
  },
  {
    name: 'image list',
    good: Buffer.from("a/1.png 3\nb/2.png {'label': 1}\n"),
    read: async bytes => void (await readImageList(bytes)),
  },
  {
    name: 'record of checksums',
    good: json({
      formatVersion: 1,
      files: {
        'data.bin': { bytes: 3, md5: '0'.repeat(32), sha256: '1'.repeat(64), origin: 'catalog', mtimeMs: 5 },
      },
    }),
    mutate: mutateJson,
    async read(bytes, { scratch }) {
      const store = new Store({ root: scratch, env: {}, offline: true });
      mkdirSync(store.folder(entry), { recursive: true });
      writeFileSync(join(store.folder(entry), 'checksums.json'), bytes);
      writeFileSync(join(store.folder(entry), 'data.bin'), 'abc');
      await store.status(entry);
    },
  },
  {
    name: 'state of a partial download',
    good: json({ url: 'https://example.org/data.bin', validator: '"a"', total: 3 }),
    mutate: mutateJson,
    async read(bytes, { scratch }) {
      writeFileSync(join(scratch, 'data.incomplete'), 'ab');
      writeFileSync(join(scratch, 'data.incomplete.json'), bytes);
      await new PartialFile(join(scratch, 'data')).resume();
    },
  },
  {
    name: 'manifest of glyphs',
    good: json(manifest),
    mutate: mutateJson,
    async read(bytes, { scratch }) {
      for (const [name, content] of Object.entries(glyphFiles)) writeFileSync(join(scratch, name), content);
      writeFileSync(join(scratch, 'manifest.json'), bytes);
      await openGlyphs({ folder: scratch });
    },
  },
  {
    name: 'description of a backbone',
    good: json(backbone),
    mutate: mutateJson,
    async read(bytes, { scratch }) {
      writeFileSync(join(scratch, 'images.gz'), glyphFiles['images.gz']);
      writeFileSync(join(scratch, 'backbone.json'), bytes);
      await openGlyphsBackbone({ folder: scratch });
    },
  },
];

/** What may stand in JSON where something else should. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  '',
  '../../etc/passwd',
  '/etc/passwd',
  'a\u0000b',
  '__proto__',
  -1,
  0.5,
  1e99,
  2 ** 40,
  [],
  {},
  [[]],
  { path: '..' },
  'x'.repeat(1000),
];

/** JSON with a value changed, removed or doubled somewhere; now and then bytes that are no JSON. */
function mutateJson(good: Buffer, random: Random): Buffer {
  if (random.below(5) === 0) return mutateBytes(good, random);
  const value: unknown = JSON.parse(good.toString());
  for (let change = 1 + random.below(2); change > 0; change--) {
    const places: [Record<string, unknown>, string][] = [];
    const visit = (node: unknown) => {
      if (typeof node !== 'object' || node === null) return;
      for (const key of Object.keys(node)) {
        places.push([node as Record<string, unknown>, key]);
        visit((node as Record<string, unknown>)[key]);
      }
    };
    visit(value);
    const [node, key] = places[random.below(places.length)]!;
    if (random.below(4) === 0) delete node[key];
    // A copy: the next change may go inside.
    else node[key] = structuredClone(ODD_VALUES[random.below(ODD_VALUES.length)]);
  }
  return json(value);
}

/** Numbers that upset readers when they stand for sizes and counts. */
const NASTY = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A copy with a few random changes: bits, bytes, nasty numbers, cuts, repeats. */
function mutateBytes(good: Uint8Array, random: Random): Buffer {
  let bytes = Buffer.from(good);
  for (let change = 1 + random.below(4); change > 0; change--) {
    const at = random.below(bytes.length + 1);
    switch (random.below(7)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
        break;
      case 1:
        if (at < bytes.length) bytes[at] = random.below(256);
        break;
      case 2:
        if (at + 4 <= bytes.length) bytes.writeUInt32LE(NASTY[random.below(NASTY.length)]!, at);
        break;
      case 3:
        if (at + 4 <= bytes.length) bytes.writeUInt32BE(NASTY[random.below(NASTY.length)]!, at);
        break;
      case 4:
        bytes = bytes.subarray(0, at);
        break;
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(at + 1))]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([random.below(256)]), bytes.subarray(at)]);
    }
  }
  return bytes;
}

/** Mutated file number `run` of a target: the same for ever, so that a failure can be repeated. */
export function fuzzCase(target: FuzzTarget, run: number): Buffer {
  const { name, good, mutate = mutateBytes, seal = bytes => bytes } = target;
  return seal(mutate(good, createRandom(run, name)));
}
