import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { PixelImage } from '@ood/features';

const data = new URL('../../datasets/data/glyphs/', import.meta.url);

/** The classifier that ships with the glyphs: `image` `[batch, 1, 28, 28]` → `logits` `[batch, 10]`. */
export const glyphsModel = new URL('glyphs-cnn.onnx', data).pathname;

export const glyphClasses = [...'ABCDEFGHIJ'];

export interface GlyphSample {
  readonly id: string;
  readonly pixels: PixelImage;
  readonly label?: number;
}

/** Samples in memory that can be read in any order. */
export interface GlyphSamples extends AsyncIterable<GlyphSample> {
  readonly length: number;
  readonly classes: readonly string[];
  read(index: number): Promise<GlyphSample>;
}

/** Every `step`-th image of a set of the embedded glyphs, straight from its IDX file. */
export function glyphs(set: string, step = 1): GlyphSamples {
  const pixels = idx(`${set}-images-idx3-ubyte.gz`, 16);
  const labels = ['train', 'validation', 'test'].includes(set)
    ? idx(`${set}-labels-idx1-ubyte.gz`, 8)
    : undefined;
  const rows = Array.from({ length: Math.ceil(pixels.length / 784 / step) }, (_, i) => i * step);
  const sample = (row: number): GlyphSample => ({
    id: `${set}/${row}`,
    pixels: { width: 28, height: 28, channels: 1, data: pixels.subarray(row * 784, (row + 1) * 784) },
    ...(labels && { label: labels[row]! }),
  });
  return {
    length: rows.length,
    classes: glyphClasses,
    read: async index => sample(rows[index]!),
    async *[Symbol.asyncIterator]() {
      for (const row of rows) yield sample(row);
    },
  };
}

function idx(name: string, header: number): Uint8Array {
  return new Uint8Array(gunzipSync(readFileSync(new URL(name, data)))).subarray(header);
}
