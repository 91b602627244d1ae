import { FeaturesError } from '../errors.ts';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import { float16ToFloat32, float32ToFloat16 } from '../formats/float16.ts';
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

/** Lays out the rows of several batches as one record batch, without copying float32 values. */
export function batchColumns(batches: readonly FeatureBatch[], layout: StoreLayout): BatchColumns {
  const rows = batches.reduce((sum, batch) => sum + batch.ids.length, 0);
  const ids = batches.flatMap(batch => batch.ids);
  const ends = offsets(ids);
  const labels = Int32Array.from(batches.flatMap(batch => [...batch.labels]));
  const indices = BigInt64Array.from(batches.flatMap(batch => Array.from(batch.indices, BigInt)));
  const nulls = labels.reduce((sum, label) => sum + (label < 0 ? 1 : 0), 0);
  const list = (size: number): FieldNodeSize[] => [
    { length: rows, nulls: 0 },
    { length: rows * size, nulls: 0 },
  ];
  const values = (of: (batch: FeatureBatch) => Float32Array | undefined): Uint8Array[] =>
    batches.flatMap(batch => {
      const data = of(batch);
      if (!data || data.length === 0) return [];
      return [bytesOf(layout.element === 'float16' ? float32ToFloat16(data) : data)];
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
    values(batch => batch.features.data),
  ];
  if (layout.classes !== undefined) {
    nodes.push(...list(layout.classes));
    buffers.push(
      [],
      [],
      values(batch => batch.logits?.data),
    );
  }
  return { rows, nodes, ...pack(buffers) };
}

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

/** The rows in the body of a record batch; float32 values are views of `body`. */
export function parseColumns(
  body: Uint8Array,
  rows: number,
  regions: readonly BufferRegion[],
  layout: StoreLayout,
): FeatureBatch {
  const region = (buffer: number) => {
    const found = regions[buffer];
    if (found && found.offset + found.length <= body.length) return found;
    throw new FeaturesError(
      'FILE_CORRUPT',
      'feature store: expected all columns in a batch, got fewer; restore the file',
    );
  };
  const start = (buffer: number) => body.byteOffset + region(buffer).offset;
  const matrix = (buffer: number, cols: number) => {
    const length = rows * cols;
    region(buffer);
    const data =
      layout.element === 'float16'
        ? float16ToFloat32(new Uint16Array(body.buffer, start(buffer), length))
        : new Float32Array(body.buffer, start(buffer), length);
    return { rows, cols, data };
  };
  const labels = new Int32Array(body.buffer, start(BUFFER.label), rows).slice();
  if (region(BUFFER.labelValidity).length > 0) {
    const bits = body.subarray(region(BUFFER.labelValidity).offset);
    for (let i = 0; i < rows; i++) if (!((bits[i >> 3]! >> (i & 7)) & 1)) labels[i] = -1;
  }
  const ends = new Int32Array(body.buffer, start(BUFFER.idOffsets), rows + 1);
  const text = body.subarray(region(BUFFER.idBytes).offset);
  return {
    features: matrix(BUFFER.features, layout.dim),
    ...(layout.classes !== undefined && { logits: matrix(BUFFER.logits, layout.classes) }),
    labels,
    ids: Array.from({ length: rows }, (_, i) => decoder.decode(text.subarray(ends[i], ends[i + 1]))),
    indices: Float64Array.from(new BigInt64Array(body.buffer, start(BUFFER.index), rows), Number),
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

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
