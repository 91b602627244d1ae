import { type ByteSource, type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { maybeGunzip } from '../bytes/gunzip.ts';
import type { PixelsSample } from '../contract/sample.ts';
import { type IndexedSamples, indexedSamples } from '../contract/samples.ts';
import { unreadable } from '../errors.ts';
import { rowId } from './records.ts';

export interface IdxOptions {
  /** The file of labels, where there is one. */
  readonly labels?: BytesInput;
  /** Beginning of the ids. Default: `'idx'`. */
  readonly name?: string;
}

/**
 * Grey images in IDX format (MNIST, Fashion-MNIST, KMNIST, notMNIST): `[n, height, width]` of unsigned bytes, plain or
 * gzip. Source: Y. LeCun, "The MNIST database of handwritten digits".
 *
 * @throws DatasetError where the magic number, the sizes or the number of labels are wrong.
 */
export async function idxImages(
  images: BytesInput,
  { labels, name = 'idx' }: IdxOptions = {},
): Promise<IndexedSamples<PixelsSample>> {
  const source = await maybeGunzip(await openBytes(images));
  const { dims, dataStart } = await readIdxHeader(source, 3);
  const [length, height, width] = dims as [number, number, number];
  const classes = labels === undefined ? undefined : await readIdxLabels(labels, length);
  const key = (index: number) => {
    const label = classes?.[index];
    return { id: rowId(name, index), ...(label === undefined ? {} : { label }) };
  };
  return indexedSamples({
    length,
    key,
    read: async index => ({
      ...key(index),
      pixels: {
        width,
        height,
        channels: 1,
        data: (await source.read(dataStart + index * width * height, width * height)).slice(),
      },
    }),
  });
}

async function readIdxLabels(input: BytesInput, length: number): Promise<Uint8Array> {
  const source = await maybeGunzip(await openBytes(input));
  const { dims, dataStart } = await readIdxHeader(source, 1);
  if (dims[0] !== length) {
    throw unreadable('CORRUPT_FILE', source, {
      offset: 4,
      expected: `${length} labels, one an image`,
      got: `${dims[0]}`,
    });
  }
  return source.read(dataStart, length);
}

/** Magic number 0x00 0x00, type 0x08 (unsigned byte), number of dimensions; then the sizes as big-endian uint32. */
async function readIdxHeader(
  source: ByteSource,
  rank: number,
): Promise<{ dims: number[]; dataStart: number }> {
  const dataStart = 4 + 4 * rank;
  const head = await source.read(0, Math.min(dataStart, source.size));
  if (head.length < 4 || head[0] !== 0 || head[1] !== 0) {
    throw unreadable('FOREIGN_FILE', source, {
      offset: 0,
      expected: 'the IDX magic number',
      got: [...head.subarray(0, 4)].join(' '),
    });
  }
  if (head[2] !== 0x08 || head[3] !== rank) {
    throw unreadable('UNSUPPORTED', source, {
      offset: 2,
      expected: `unsigned bytes (8) of rank ${rank}`,
      got: `type ${head[2]} of rank ${head[3]}`,
      advice: 'check that images and labels are not mixed up',
    });
  }
  if (head.length < dataStart) {
    throw unreadable('CORRUPT_FILE', source, {
      offset: 4,
      expected: `${rank} sizes`,
      got: `${head.length} bytes`,
    });
  }
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  if (dims[0]! > 0 && dims.includes(0)) {
    throw unreadable('CORRUPT_FILE', source, {
      offset: 4,
      expected: 'images with pixels',
      got: `${dims.join(' × ')}`,
    });
  }
  const bytes = dims.reduce((product, dim) => product * dim, 1);
  if (source.size !== dataStart + bytes) {
    throw unreadable(source.size < dataStart + bytes ? 'CORRUPT_FILE' : 'CORRUPT_FILE', source, {
      offset: 4,
      expected: `${dims.join(' × ')} bytes of data`,
      got: `${source.size - dataStart}`,
    });
  }
  return { dims, dataStart };
}
