import type { BytesInput } from '../bytes/byte-source.ts';
import type { PixelsSample, VectorSample } from '../contract/sample.ts';
import { type IndexedSamples, indexedSamples } from '../contract/samples.ts';
import { DatasetError, fileError } from '../errors.ts';
import { type NpyArray, openNpy } from './npy.ts';
import { rowId } from './records.ts';

export interface NpyOptions {
  /** Labels `[n]` in a file of their own: indices of classes, −1 where there is none. */
  readonly labels?: BytesInput | NpyArray;
  /** Beginning of the ids. Default: `'npy'`. */
  readonly name?: string;
}

/**
 * Vectors from a numpy array `[n, dim]` (further axes are flattened; `[n]` gives vectors of one number), as float32.
 *
 * @throws CoreError and DatasetError as `openNpy`; `LABELS_DO_NOT_FIT`; reading: DatasetError `CORRUPT_FILE` naming row and column of a
 *   number that is not finite, or too large for float32.
 */
export async function npyVectors(
  input: BytesInput | NpyArray,
  { labels, name = 'npy' }: NpyOptions = {},
): Promise<IndexedSamples<VectorSample>> {
  const array = await asArray(input);
  const classes = await readLabels(array, labels);
  const key = keys(name, classes);
  return indexedSamples({
    length: array.rows,
    key,
    read: async index => ({ ...key(index), vector: requireFinite(array, index, await array.row(index)) }),
  });
}

function requireFinite({ name, type }: NpyArray, index: number, row: Float32Array): Float32Array {
  const column = row.findIndex(value => !Number.isFinite(value));
  if (column < 0) return row;
  throw fileError('CORRUPT_FILE', {
    file: name,
    expected: `a finite float32 in row ${index}, column ${column}`,
    got: `${row[column]} (from ${type})`,
    advice: 'find out what made it, and save the array without it',
  });
}

/**
 * Images from a numpy array of bytes: `[n, height, width]` or `[n, height, width, channels]` (e.g. CIFAR-10-C).
 *
 * @throws CoreError and DatasetError as `openNpy`; `NOT_IMAGES`, `LABELS_DO_NOT_FIT`.
 */
export async function npyImages(
  input: BytesInput | NpyArray,
  { labels, name = 'npy' }: NpyOptions = {},
): Promise<IndexedSamples<PixelsSample>> {
  const array = await asArray(input);
  const [, height, width, channels = 1] = array.shape;
  if (
    array.type !== 'uint8' ||
    height === undefined ||
    width === undefined ||
    channels > 4 ||
    array.shape.length > 4
  ) {
    throw new DatasetError('NOT_IMAGES', {
      where: array.name,
      expected: 'bytes of shape [n, height, width] or [n, height, width, channels]',
      got: `${array.type} [${array.shape.join(', ')}]`,
      advice: 'read it with npyVectors, or save it as uint8 with channels last',
    });
  }
  const classes = await readLabels(array, labels);
  const key = keys(name, classes);
  return indexedSamples({
    length: array.rows,
    key,
    read: async index => ({
      ...key(index),
      pixels: { width, height, channels, data: await array.rowBytes(index) },
    }),
  });
}

function keys(name: string, classes: Int32Array | undefined) {
  return (index: number) => {
    const label = classes?.[index];
    return { id: rowId(name, index), ...(label === undefined || label < 0 ? {} : { label }) };
  };
}

async function asArray(input: BytesInput | NpyArray): Promise<NpyArray> {
  return typeof input === 'object' && 'rowLength' in input ? input : openNpy(input);
}

async function readLabels(array: NpyArray, input: NpyOptions['labels']): Promise<Int32Array | undefined> {
  if (input === undefined) return undefined;
  const labels = await asArray(input);
  if (labels.rows !== array.rows || labels.rowLength !== 1) {
    throw new DatasetError('LABELS_DO_NOT_FIT', {
      where: labels.name,
      expected: `${array.rows} labels, one a row of ${array.name}`,
      got: `shape [${labels.shape.join(', ')}]`,
      advice: 'give the labels that belong to this file',
    });
  }
  const classes = new Int32Array(labels.rows);
  for (let i = 0; i < labels.rows; i++) {
    const label = (await labels.rowNumbers(i))[0]!;
    if (!Number.isInteger(label) || label < -1 || label >= 2 ** 31) {
      throw new DatasetError('LABELS_DO_NOT_FIT', {
        where: `${labels.name}, row ${i}`,
        expected: 'the index of a class, or −1 for none',
        got: String(label),
        advice: 'save labels as whole numbers from 0',
      });
    }
    classes[i] = label;
  }
  return classes;
}
