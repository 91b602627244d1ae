import { float32ToFloat16 } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import {
  aligned,
  type BufferParts,
  type BufferRegion,
  type FieldNodeSize,
  type StoreLayout,
} from './arrow/layout.ts';

/** The columns of one record batch: nodes, regions and bytes in the order of the schema. */
export interface BatchColumns {
  readonly rows: number;
  readonly nodes: readonly FieldNodeSize[];
  readonly regions: readonly BufferRegion[];
  /** The whole body, padding included. */
  readonly body: BufferParts;
  readonly bodyLength: number;
}

/**
 * Lays out the rows of several batches as one record batch, without copying float32 values.
 *
 * @throws FeaturesError NON_FINITE for values beyond what float16 holds
 */
export function batchColumns(
  path: string,
  batches: readonly FeatureBatch[],
  layout: StoreLayout,
): BatchColumns {
  const rows = batches.reduce((sum, batch) => sum + batch.ids.length, 0);
  const ids = batches.flatMap(batch => batch.ids);
  const ends = offsets(ids);
  const labels = new Int32Array(rows);
  const indices = new Uint32Array(2 * rows);
  let row = 0;
  for (const batch of batches) {
    labels.set(batch.labels, row);
    for (const index of batch.indices) {
      // An int64 as two words: a BigInt for each row would take longer than all else.
      indices[2 * row] = index;
      indices[2 * row++ + 1] = index / 2 ** 32;
    }
  }
  const nulls = labels.reduce((sum, label) => sum + (label < 0 ? 1 : 0), 0);
  const list = (size: number): FieldNodeSize[] => [
    { length: rows, nulls: 0 },
    { length: rows * size, nulls: 0 },
  ];
  const values = (column: 'features' | 'logits'): Uint8Array[] =>
    batches.flatMap(batch => {
      const matrix = batch[column];
      if (!matrix || matrix.data.length === 0) return [];
      if (layout.element === 'float32') return [bytesOf(matrix.data)];
      const halves = float32ToFloat16(matrix.data);
      const at = halves.findIndex(bits => (bits & INFINITE) === INFINITE);
      if (at < 0) return [bytesOf(halves)];
      throw beyondFloat16(path, column, matrix.data[at]!, batch.ids[Math.floor(at / matrix.cols)]!);
    });

  const nodes = [
    { length: rows, nulls: 0 },
    { length: rows, nulls: 0 },
    { length: rows, nulls },
    ...list(layout.dim),
  ];
  const buffers: BufferParts[] = [
    [],
    [bytesOf(ends)],
    encodeAll(ids, ends),
    [],
    [bytesOf(indices)],
    nulls > 0 ? [validity(labels)] : [],
    [bytesOf(labels)],
    [],
    [],
    values('features'),
  ];
  if (layout.classes !== undefined) {
    nodes.push(...list(layout.classes));
    buffers.push([], [], values('logits'));
  }
  return { rows, nodes, ...pack(buffers) };
}

/** Exponent bits of half floats that are infinite or NaN. */
const INFINITE = 0x7c00;

function beyondFloat16(path: string, column: string, value: number, id: string): FeaturesError {
  return new FeaturesError('NON_FINITE', {
    where: path,
    expected: `${column} within ±65504 to store them as float16`,
    got: `${value} in '${id}'`,
    advice: 'store them as float32',
    details: { path, column, value, id },
  });
}

const encoder = new TextEncoder();

function pack(buffers: readonly BufferParts[]): Pick<BatchColumns, 'regions' | 'body' | 'bodyLength'> {
  const regions: BufferRegion[] = [];
  const body: Uint8Array[] = [];
  let offset = 0;
  for (const parts of buffers) {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    regions.push({ offset, length });
    // A checksum over an empty part starts anew.
    body.push(...parts.filter(part => part.length > 0));
    const padding = aligned(length) - length;
    if (padding > 0) body.push(new Uint8Array(padding));
    offset += length + padding;
  }
  return { regions, body, bodyLength: offset };
}

/** All texts in one go. Unpaired surrogates at the seams could join: then one by one. */
function encodeAll(texts: readonly string[], ends: Int32Array): BufferParts {
  const joined = encoder.encode(texts.join(''));
  return joined.length === ends.at(-1) ? [joined] : texts.map(text => encoder.encode(text));
}

function offsets(texts: readonly string[]): Int32Array {
  const ends = new Int32Array(texts.length + 1);
  texts.forEach((text, i) => {
    ends[i + 1] = ends[i]! + Buffer.byteLength(text);
  });
  return ends;
}

function validity(labels: Int32Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(labels.length / 8));
  labels.forEach((label, i) => {
    if (label >= 0) bits[i >> 3]! |= 1 << (i & 7);
  });
  return bits;
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
