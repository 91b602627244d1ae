import type { Pixels } from '../contract/sample.ts';
import { perValue } from './pixel-noise.ts';

/** (x − m)·factor + m, m the mean of the channel. */
export function contrast(pixels: Pixels, factor: number): Pixels {
  const { data, channels } = pixels;
  const means = new Float64Array(channels);
  for (let i = 0; i < data.length; i++) means[i % channels]! += data[i]! / 255;
  const count = data.length / channels;
  return perValue(pixels, (x, channel) => (x - means[channel]! / count) * factor + means[channel]! / count);
}
