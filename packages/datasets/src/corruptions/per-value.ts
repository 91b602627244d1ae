import type { Random } from '@ood/core';
import type { Pixels } from '../contract/sample.ts';

/** x + σ·N(0, 1), of values in [0, 1]. */
export function gaussianNoise(pixels: Pixels, sigma: number, random: Random): Pixels {
  return perValue(pixels, x => x + sigma * random.normal());
}

/** Poisson(x·photons) / photons. */
export function shotNoise(pixels: Pixels, photons: number, random: Random): Pixels {
  return perValue(pixels, x => poisson(random, x * photons) / photons);
}

/** Each value becomes 0 or 1, equally likely, with probability `amount`. */
export function impulseNoise(pixels: Pixels, amount: number, random: Random): Pixels {
  return perValue(pixels, x => (random.uniform() < amount ? random.below(2) : x));
}

/** (x − m)·factor + m, m the mean of the channel. */
export function contrast(pixels: Pixels, factor: number): Pixels {
  const { data, channels } = pixels;
  const means = new Float64Array(channels);
  for (let i = 0; i < data.length; i++) means[i % channels]! += data[i]! / 255;
  const count = data.length / channels;
  return perValue(pixels, (x, channel) => (x - means[channel]! / count) * factor + means[channel]! / count);
}

/** Pixels with every value in [0, 1] replaced, clipped, and stored as a byte (rounded down, as the published code does). */
function perValue(pixels: Pixels, change: (value: number, channel: number) => number): Pixels {
  const { data, channels } = pixels;
  const changed = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    changed[i] = toByte(change(data[i]! / 255, i % channels));
  }
  return { ...pixels, data: changed };
}

/** 2⁻⁴⁰ keeps unchanged bytes what they are: (b / 255) · 255 can fall just below b. */
function toByte(value: number): number {
  return Math.floor(Math.min(1, Math.max(0, value)) * 255 + 2 ** -40);
}

/** A Poisson number (Knuth 1969), in pieces, so that exp(−mean) cannot underflow. */
function poisson(random: Random, mean: number): number {
  let count = 0;
  for (let left = mean; left > 0; left -= 500) {
    const floor = Math.exp(-Math.min(left, 500));
    for (let product = random.uniform(); product > floor; product *= random.uniform()) count += 1;
  }
  return count;
}
