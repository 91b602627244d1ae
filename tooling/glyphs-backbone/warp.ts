import type { Random } from '../glyphs/src/random.ts';

export interface WarpOptions {
  /** Largest move in each direction, in pixels. */
  readonly shift: number;
  /** Standard deviation of the rotation, in degrees. */
  readonly rotation: number;
  /** Largest horizontal shear (0.25: an italic of 14°). */
  readonly shear: number;
  /** Width and height are scaled by exp of up to this, independently. */
  readonly stretch: number;
}

/** Where a pixel of the warped image comes from, relative to the centre: `[u, v] = matrix · ([x, y] − shift)`. */
export interface Warp {
  readonly shift: readonly [number, number];
  readonly matrix: readonly [number, number, number, number];
}

const side = 28;
const centre = (side - 1) / 2;

/** A random shift, rotation, shear and stretch. */
export function randomWarp(random: Random, { shift, rotation, shear, stretch }: WarpOptions): Warp {
  const angle = (rotation * random.normal() * Math.PI) / 180;
  const slant = random.between(-shear, shear);
  const across = Math.exp(random.between(-stretch, stretch));
  const down = Math.exp(random.between(-stretch, stretch));
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return {
    shift: [random.between(-shift, shift), random.between(-shift, shift)],
    matrix: [(c - slant * s) / across, (s + slant * c) / across, -s / down, c / down],
  };
}

/** Writes the warped image `[28 * 28]`, 0 … 1, into `out`, by bilinear interpolation; outside is black. */
export function warp(pixels: Uint8Array, out: Float32Array, { shift, matrix }: Warp): void {
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= side || y >= side ? 0 : pixels[y * side + x]!);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const dx = x - centre - shift[0];
      const dy = y - centre - shift[1];
      const u = matrix[0] * dx + matrix[1] * dy + centre;
      const v = matrix[2] * dx + matrix[3] * dy + centre;
      const [i, j] = [Math.floor(u), Math.floor(v)];
      const [a, b] = [u - i, v - j];
      const top = (1 - a) * at(i, j) + a * at(i + 1, j);
      const bottom = (1 - a) * at(i, j + 1) + a * at(i + 1, j + 1);
      out[y * side + x] = ((1 - b) * top + b * bottom) / 255;
    }
  }
}
