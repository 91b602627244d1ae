import { type ByteSource, type BytesInput, openBytes } from '../bytes/byte-source.ts';
import { joinChunks } from '../bytes/gunzip.ts';
import type { PixelsSample } from '../contract/sample.ts';
import { type Samples, streamedSamples } from '../contract/samples.ts';
import { unreadable } from '../errors.ts';
import { type Mat5Array, readMat5 } from './mat5.ts';
import { rowId } from './records.ts';

const SIDE = 32;
const IMAGE_BYTES = SIDE * SIDE * 3;
/** Labels are held in memory: of 8 million images at 8 bytes. */
const MAX_LABEL_BYTES = 2 ** 26;

/**
 * Street View House Numbers, cropped digits (`*_32x32.mat`): `X` [32, 32, 3, n] of bytes, `y` [n, 1]. Images are
 * inflated as they are iterated, in bounded memory. The digit 0, stored as 10, becomes label 0.
 *
 * @throws DatasetError where the file is no MAT-file of version 5 or has other arrays.
 */
export async function svhn(
  file: BytesInput,
  { name = 'svhn' }: { name?: string } = {},
): Promise<Samples<PixelsSample>> {
  const source = await openBytes(file);
  const arrays = await readMat5(source);
  const images = arrays.find(array => array.name === 'X');
  const labels = arrays.find(array => array.name === 'y');
  const [height, width, channels, length] = images?.dims ?? [];
  if (
    images === undefined ||
    labels === undefined ||
    images.type !== 2 ||
    labels.type > 9 ||
    labels.bytes > MAX_LABEL_BYTES ||
    height !== SIDE ||
    width !== SIDE ||
    channels !== 3 ||
    labels.dims.reduce((product, dim) => product * dim, 1) !== (length ?? 1)
  ) {
    throw unreadable('CORRUPT_FILE', source, {
      expected: 'X [32, 32, 3, n] of bytes and y [n, 1]',
      got: arrays.map(array => `${array.name} [${array.dims.join(', ')}]`).join(', ') || 'no arrays',
    });
  }
  const count = length ?? 1;
  const digits = await readDigits(source, labels, count);
  return streamedSamples(async function* () {
    let index = 0;
    let held = Buffer.alloc(0);
    for await (const chunk of images.content()) {
      held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
      let at = 0;
      for (; at + IMAGE_BYTES <= held.length; at += IMAGE_BYTES) {
        const pixels = {
          width: SIDE,
          height: SIDE,
          channels: 3,
          data: fromColumns(held.subarray(at, at + IMAGE_BYTES)),
        };
        yield { id: rowId(name, index), label: digits[index]!, pixels };
        index += 1;
      }
      held = held.subarray(at);
    }
  }, count);
}

/** MATLAB stores column by column, `[row, column, channel]`; pixels are `[row, column, channel]` row by row. */
function fromColumns(columns: Uint8Array): Uint8Array {
  const data = new Uint8Array(IMAGE_BYTES);
  for (let channel = 0, from = 0; channel < 3; channel++) {
    for (let x = 0; x < SIDE; x++) {
      for (let y = 0; y < SIDE; y++) data[(y * SIDE + x) * 3 + channel] = columns[from++]!;
    }
  }
  return data;
}

async function readDigits(source: ByteSource, labels: Mat5Array, count: number): Promise<Int32Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of labels.content()) chunks.push(chunk);
  const bytes = joinChunks([...chunks, new Uint8Array()]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const get: Record<number, (i: number) => number> = {
    1: i => view.getInt8(i),
    2: i => view.getUint8(i),
    3: i => view.getInt16(2 * i, true),
    4: i => view.getUint16(2 * i, true),
    5: i => view.getInt32(4 * i, true),
    6: i => view.getUint32(4 * i, true),
    7: i => view.getFloat32(4 * i, true),
    9: i => view.getFloat64(8 * i, true),
  };
  return Int32Array.from({ length: count }, (_, i) => {
    const digit = get[labels.type]!(i);
    if (Number.isInteger(digit) && digit >= 0 && digit <= 10) return digit % 10;
    throw unreadable('CORRUPT_FILE', source, {
      expected: 'digits from 1 to 10 in y',
      got: `${digit} in row ${i}`,
    });
  });
}
