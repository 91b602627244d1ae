import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { decodeImage, huggingFacePreprocessing, imagePreparer } from '../src/index.ts';

interface Golden {
  readonly files: Record<
    string,
    { readonly config: object; readonly images: Record<string, { dims: number[]; grid: number[] }> }
  >;
}

const folder = new URL('./golden/', import.meta.url);
const golden: Golden = JSON.parse(await readFile(new URL('processors.json', folder), 'utf8'));

describe('huggingFacePreprocessing', () => {
  test.each(Object.entries(golden.files))(
    'makes of images what transformers makes of them: %s',
    async (_, { config, images }) => {
      const prepare = imagePreparer(huggingFacePreprocessing(config));
      for (const [name, { dims, grid }] of Object.entries(images)) {
        const image = prepare(await decodeImage(await readFile(new URL(`images/${name}`, folder))));
        expect(image.dims).toEqual(dims);
        const [channels, height, width] = dims as [number, number, number];
        const found = [];
        for (let c = 0; c < channels; c++)
          for (const y of [0, Math.floor(height / 2), height - 1])
            for (const x of [0, Math.floor(width / 3), width - 1])
              found.push(image.data[(c * height + y) * width + x]!);
        found.forEach((value, i) => {
          expect(value).toBeCloseTo(grid[i]!, 4);
        });
      }
    },
  );
});
