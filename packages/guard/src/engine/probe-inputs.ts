import { createRandom } from '@ood/core';
import type { PixelImage, Sample } from '@ood/features';
import type { TensorInfo } from '@ood/onnx';
import { PROBE_IMAGES } from '../folder/manifest.ts';
import { encodePng } from './png.ts';

/** Sizes of the probe images: none fits a usual input, so that resizing and cropping are exercised. */
const SIZES = [
  [97, 61],
  [160, 240],
  [301, 287],
  [45, 33],
] as const;

/** Inputs whose verdicts a guard stores. */
export const PROBES = SIZES.length;

/** Reproducible pictures of gradients, waves and noise: nobody's data, and rich enough that any change of preprocessing shows. */
export function probeImages(count: number = SIZES.length): PixelImage[] {
  return Array.from({ length: count }, (_, index) => probeImage(index));
}

function probeImage(index: number): PixelImage {
  const [width, height] = SIZES[index % SIZES.length]!;
  const random = createRandom(index, 'probe').uniform;
  const data = new Uint8Array(width * height * 3);
  const [fx, fy] = [2 + 9 * random(), 2 + 9 * random()];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wave = Math.sin((fx * x) / 13) * Math.cos((fy * y) / 17);
      const square = (x * 5) / width < 2 === (y * 5) / height < 3 ? 60 : 0;
      for (let channel = 0; channel < 3; channel++) {
        const ramp = (255 * (channel === 1 ? y / height : channel === 2 ? 1 - x / width : x / width)) / 2;
        const value = ramp + square + 50 * wave + 40 * random();
        data[at++] = Math.max(0, Math.min(255, Math.round(value)));
      }
    }
  }
  return { width, height, channels: 3, data };
}

/** Probe images as PNG files, so that the decoder is in the loop. */
export function probeFiles(): { readonly name: string; readonly bytes: Uint8Array }[] {
  return probeImages().map((image, i) => ({ name: PROBE_IMAGES[i]!, bytes: encodePng(image) }));
}

/** Probe vectors for models that take no images; a free dimension of the input counts as 1. */
export function probeVectors({ dims }: Pick<TensorInfo, 'dims'>, count: number = SIZES.length): Sample[] {
  const length = dims.slice(1).reduce<number>((size, dim) => size * (typeof dim === 'number' ? dim : 1), 1);
  return Array.from({ length: count }, (_, index) => {
    const random = createRandom(index, 'probe').uniform;
    return { id: `vector ${index}`, vector: Float32Array.from({ length }, () => random()) };
  });
}
