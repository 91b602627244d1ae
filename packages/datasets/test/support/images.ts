import { createRandom } from '@ood/core';
import type { Pixels, PixelsSample } from '../../src/index.ts';

/** A smooth picture with edges and a little texture, its own for each seed. */
export function picture(seed: number, width = 64, height = 48, channels = 3): Pixels {
  const random = createRandom(seed, 'picture');
  const waves = Array.from({ length: 6 }, () => ({
    fx: random.normal() * 6,
    fy: random.normal() * 6,
    phase: random.uniform() * 6.28,
    channel: Array.from({ length: channels }, () => random.normal() * 40),
  }));
  const [left, top] = [random.uniform() * 0.6, random.uniform() * 0.6];
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x / width, y / height];
      const inside = u > left && u < left + 0.3 && v > top && v < top + 0.3;
      for (let c = 0; c < channels; c++) {
        let value = inside ? 200 : 110;
        for (const { fx, fy, phase, channel } of waves)
          value += channel[c]! * Math.sin(fx * u + fy * v + phase);
        data[(y * width + x) * channels + c] = Math.min(255, Math.max(0, value));
      }
    }
  }
  return { width, height, channels, data };
}

/** A sample of {@link picture}. */
export function pictureSample(seed: number, pixels = picture(seed)): PixelsSample {
  return { id: `p${seed}`, label: seed % 3, pixels };
}
