import { float16ToFloat32 } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import { aligned, type BufferRegion, type StoreLayout } from './arrow/layout.ts';

/** Index of each column's data among the buffers of a record batch. */
const BUFFER = {
  idOffsets: 1,
  idBytes: 2,
  index: 4,
  labelValidity: 5,
  label: 6,
  features: 9,
  logits: 12,
} as const;

/**
 * Checks that the buffers of a record batch are those that `batchColumns` makes of that many rows.
 *
 * @throws FeaturesError CORRUPT_FILE
 */
export function checkRegions(
  path: string,
  rows: number,
  regions: readonly BufferRegion[],
  layout: StoreLayout,
) {
  const width = layout.element === 'float16' ? 2 : 4;
  const lengths: Readonly<Record<number, number>> = {
    [BUFFER.idOffsets]: (rows + 1) * 4,
    [BUFFER.index]: rows * 8,
    [BUFFER.labelValidity]: Math.ceil(rows / 8),
    [BUFFER.label]: rows * 4,
    [BUFFER.features]: rows * layout.dim * width,
    [BUFFER.logits]: rows * (layout.classes ?? 0) * width,
  };
  const count = layout.classes === undefined ? BUFFER.features + 1 : BUFFER.logits + 1;
  let offset = 0;
  const fits = regions.every(({ offset: start, length }, buffer) => {
    const wanted = buffer === BUFFER.idBytes ? length : (lengths[buffer] ?? 0);
    const absent = buffer === BUFFER.labelValidity && length === 0;
    const right = start === offset && (length === wanted || absent);
    offset += aligned(length);
    return right;
  });
  if (fits && regions.length === count) return;
  throw new FeaturesError('CORRUPT_FILE', {
    where: path,
    expected: `the columns of ${rows} rows in a batch`,
    got: 'others',
    advice: 'restore the file or extract it again',
    details: { path, rows },
  });
}

/** The rows in the body of a record batch; float32 values are views of `body`. @throws FeaturesError CORRUPT_FILE */
export function parseColumns(
  path: string,
  body: Uint8Array,
  rows: number,
  regions: readonly BufferRegion[],
  layout: StoreLayout,
): FeatureBatch {
  checkRegions(path, rows, regions, layout);
  const start = (buffer: number) => body.byteOffset + regions[buffer]!.offset;
  const matrix = (buffer: number, cols: number) => {
    const length = rows * cols;
    const data =
      layout.element === 'float16'
        ? float16ToFloat32(new Uint16Array(body.buffer, start(buffer), length))
        : new Float32Array(body.buffer, start(buffer), length);
    return { rows, cols, data };
  };
  const labels = new Int32Array(body.buffer, start(BUFFER.label), rows).slice();
  if (regions[BUFFER.labelValidity]!.length > 0) {
    const bits = body.subarray(regions[BUFFER.labelValidity]!.offset);
    for (let i = 0; i < rows; i++) if (!((bits[i >> 3]! >> (i & 7)) & 1)) labels[i] = -1;
  }
  const ends = new Int32Array(body.buffer, start(BUFFER.idOffsets), rows + 1);
  const text = body.subarray(regions[BUFFER.idBytes]!.offset);
  return {
    features: matrix(BUFFER.features, layout.dim),
    ...(layout.classes !== undefined && { logits: matrix(BUFFER.logits, layout.classes) }),
    labels,
    ids: texts(text, ends),
    indices: indicesOf(new Uint32Array(body.buffer, start(BUFFER.index), 2 * rows)),
  };
}

const decoder = new TextDecoder();

/** The texts between offsets of `bytes`: decoded in one go where each character is one byte. */
function texts(bytes: Uint8Array, ends: Int32Array): string[] {
  const rows = ends.length - 1;
  const used = bytes.subarray(0, ends[rows]);
  const all = decoder.decode(used);
  if (all.length === used.length)
    return Array.from({ length: rows }, (_, i) => all.slice(ends[i], ends[i + 1]));
  return Array.from({ length: rows }, (_, i) => decoder.decode(bytes.subarray(ends[i], ends[i + 1])));
}

/** Positions from the two words of each int64: a BigInt for each row would take longer than all else. */
function indicesOf(words: Uint32Array): Float64Array {
  return Float64Array.from(
    { length: words.length / 2 },
    (_, i) => words[2 * i]! + words[2 * i + 1]! * 2 ** 32,
  );
}
