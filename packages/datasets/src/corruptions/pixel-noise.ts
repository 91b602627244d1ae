import type { Pixels } from '../contract/sample.ts';
import type { Rng } from '../random/rng.ts';

/** x + σ·N(0, 1), of values in [0, 1]. */
export function gaussianNoise(pixels: Pixels, sigma: number, rng: Rng): Pixels {
  return perValue(pixels, x => x + sigma * rng.normal());
}

/** Poisson(x·photons) / photons. */
export function shotNoise(pixels: Pixels, photons: number, rng: Rng): Pixels {
  return perValue(pixels, x => rng.poisson(x * photons) / photons);
}

/** Each value becomes 0 or 1, equally likely, with probability `amount`. */
export function impulseNoise(pixels: Pixels, amount: number, rng: Rng): Pixels {
  return perValue(pixels, x => (rng.uniform() < amount ? rng.integer(2) : x));
}

/** Pixels with every value in [0, 1] replaced, clipped, and stored as a byte (rounded down, as the published code does). */
export function perValue(pixels: Pixels, change: (value: number, channel: number) => number): Pixels {
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
