import { gzipSync } from 'node:zlib';
import { createRandom, type Random } from '@ood/core';
import {
  archiveImages,
  cifar,
  csvVectors,
  extractArchive,
  idxImages,
  npyImages,
  npyVectors,
  openNpz,
  readImageList,
  svhn,
} from '../../src/index.ts';
import { cifarBytes, idxBytes, matBytes, npyBytes } from './make-files.ts';
import { makeTar, paxRecord } from './make-tar.ts';
import { makeZip } from './make-zip.ts';

/** A reader and a good file to start from. `read` reads everything that the file claims to hold. */
export interface FuzzTarget {
  readonly name: string;
  readonly good: Buffer;
  read(bytes: Uint8Array, folder: string): Promise<void>;
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

export const fuzzTargets: readonly FuzzTarget[] = [
  ...(
    [
      ['tar', tar],
      ['tar.gz', gzipSync(tar)],
      ['zip', zip],
    ] as const
  ).flatMap(([name, good]): FuzzTarget[] => [
    { name, good, read: async bytes => drain(await archiveImages(bytes, limits)) },
    {
      name: `${name}, unpacked`,
      good,
      read: async (bytes, folder) => void (await extractArchive(bytes, folder, limits)),
    },
  ]),
  { name: 'CIFAR', good: cifarBytes([1, 2]), read: async bytes => drain(await cifar(bytes)) },
  { name: 'CIFAR, gzip', good: gzipSync(cifarBytes([1, 2])), read: async bytes => drain(await cifar(bytes)) },
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
    name: 'npy',
    good: npyBytes('<f4', [3, 4], new Array(12).fill(1)),
    read: async bytes => drain(await npyVectors(bytes)),
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
    good: Buffer.from('a,b,"c"\n1,2,3\n4,5,"6"\n'),
    read: async bytes => drain(await csvVectors(bytes, { label: 0 })),
  },
  {
    name: 'image list',
    good: Buffer.from("a/1.png 3\nb/2.png {'label': 1}\n"),
    read: async bytes => void (await readImageList(bytes)),
  },
];

/** Numbers that upset readers when they stand for sizes and counts. */
const NASTY = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A copy with a few random changes: bits, bytes, nasty numbers, cuts, repeats. */
function mutate(good: Uint8Array, random: Random): Buffer {
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
  return mutate(target.good, createRandom(run, target.name));
}
