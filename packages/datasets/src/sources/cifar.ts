import { type ByteSource, type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { maybeGunzip } from '../bytes/gunzip.ts';
import type { PixelsSample } from '../contract/sample.ts';
import { type IndexedSamples, indexedSamples } from '../contract/samples.ts';
import { unreadable } from '../errors.ts';
import { interleave, locate, rowId } from './records.ts';

const SIDE = 32;
const PIXEL_BYTES = 3 * SIDE * SIDE;

export interface CifarOptions {
  /** Which labels: `'cifar10'` (one byte), `'cifar100'` (fine label), `'cifar100-coarse'`. Default: `'cifar10'`. */
  readonly variant?: 'cifar10' | 'cifar100' | 'cifar100-coarse';
  /** Beginning of the ids. Default: the variant. */
  readonly name?: string;
}

/**
 * CIFAR-10/100 images from the binary version: records of one or two label bytes and 3072 bytes of planar RGB.
 * Labels of all records are read at once; gzip files are decompressed into memory.
 *
 * @throws DatasetError `CORRUPT_FILE` where a file is no whole number of records or a label is out of range.
 */
export async function cifar(
  files: BytesInput | readonly BytesInput[],
  { variant = 'cifar10', name = variant }: CifarOptions = {},
): Promise<IndexedSamples<PixelsSample>> {
  const labelBytes = variant === 'cifar10' ? 1 : 2;
  const labelAt = variant === 'cifar100' ? 1 : 0;
  const classes = variant === 'cifar10' ? 10 : variant === 'cifar100' ? 100 : 20;
  const recordBytes = labelBytes + PIXEL_BYTES;
  const list = Array.isArray(files) ? (files as readonly BytesInput[]) : [files as BytesInput];
  const sources: ByteSource[] = [];
  const labels: Uint8Array[] = [];
  for (const file of list) {
    const source = await maybeGunzip(await openBytes(file));
    sources.push(source);
    labels.push(await readLabels(source, { recordBytes, labelAt, classes }));
  }
  const counts = labels.map(array => array.length);
  return indexedSamples({
    length: counts.reduce((sum, count) => sum + count, 0),
    key: index => {
      const { file, record } = locate(counts, index);
      return { id: rowId(name, index), label: labels[file]![record]! };
    },
    read: async index => {
      const { file, record } = locate(counts, index);
      const bytes = await sources[file]!.read(record * recordBytes + labelBytes, PIXEL_BYTES);
      return {
        id: rowId(name, index),
        label: labels[file]![record]!,
        pixels: interleave(bytes, SIDE, SIDE, 3),
      };
    },
  });
}

async function readLabels(
  source: ByteSource,
  { recordBytes, labelAt, classes }: { recordBytes: number; labelAt: number; classes: number },
): Promise<Uint8Array> {
  if (source.size === 0 || source.size % recordBytes !== 0) {
    throw unreadable('CORRUPT_FILE', source, {
      expected: `a whole number of records of ${recordBytes} bytes`,
      got: `${source.size} bytes`,
    });
  }
  const labels = new Uint8Array(source.size / recordBytes);
  for (let record = 0; record < labels.length; record++) {
    const label = (await source.read(record * recordBytes + labelAt, 1))[0]!;
    if (label >= classes) {
      throw unreadable('CORRUPT_FILE', source, {
        offset: record * recordBytes + labelAt,
        expected: `a label below ${classes}`,
        got: `${label}`,
      });
    }
    labels[record] = label;
  }
  return labels;
}
