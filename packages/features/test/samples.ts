import sharp from 'sharp';
import { preset, type Sample, type Samples } from '../src/index.ts';

/** Scaled to [0, 1], 8×8, no crop: for `planeMeans`. */
export const small = preset('imagenet', {
  resize: { kind: 'exact', width: 8, height: 8 },
  crop: null,
  mean: [0, 0, 0],
  std: [1, 1, 1],
});

/** A PNG of one color. */
export async function png(red: number, green: number, blue: number, side = 12): Promise<Uint8Array> {
  const background = { r: red, g: green, b: blue };
  return sharp({ create: { width: side, height: side, channels: 3, background } })
    .png()
    .toBuffer();
}

/** `count` one-colored images `img/0`, `img/1`, …, whose red is their position (modulo 256). */
export async function colors(count: number): Promise<Sample[]> {
  const images = Array.from({ length: count }, async (_, i) => ({
    id: `img/${i}`,
    label: i % 3,
    bytes: await png(i % 256, 100, 50),
  }));
  return Promise.all(images);
}

/** Samples that can only be read from the start. */
export function streamed(samples: readonly Sample[], onRead?: (index: number) => void): Samples {
  return {
    length: samples.length,
    async *[Symbol.asyncIterator]() {
      for (const [index, sample] of samples.entries()) {
        onRead?.(index);
        yield sample;
      }
    },
  };
}
