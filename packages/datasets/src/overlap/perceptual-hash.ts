import { requirePixels } from '../contract/require-pixels.ts';
import type { Pixels } from '../contract/sample.ts';

const SIDE = 32;
const LOW = 8;

/** What is kept of an image to find its near-duplicates. */
export interface Fingerprint {
  /** 64 bits in two words: whether each low DCT coefficient lies above their median. */
  readonly high: number;
  readonly low: number;
  /** 16 × 16 grey means, zero mean and unit norm (all zero for a flat image). */
  readonly thumbnail: Float32Array;
}

/** COSINES[u·32 + x] = cos((2x + 1)uπ / 64), u < 8. */
const COSINES = Float64Array.from({ length: LOW * SIDE }, (_, i) =>
  Math.cos(((2 * (i % SIDE) + 1) * Math.floor(i / SIDE) * Math.PI) / (2 * SIDE)),
);

/**
 * Perceptual hash of an image: grey, averaged to 32 × 32, the 8 × 8 lowest coefficients of its DCT-II against their
 * median (the first, the mean, left out of the median). Size, compression and small changes of brightness or contrast
 * move few of the 64 bits. Source: Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions".
 *
 * @throws DatasetError `WRONG_SHAPE`.
 */
export function fingerprint(pixels: Pixels): Fingerprint {
  requirePixels('fingerprint', pixels);
  const grey = grayGrid(pixels);
  const rows = new Float64Array(SIDE * LOW);
  for (let y = 0; y < SIDE; y++) {
    for (let u = 0; u < LOW; u++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += COSINES[u * SIDE + x]! * grey[y * SIDE + x]!;
      rows[y * LOW + u] = sum;
    }
  }
  const coefficients = new Float64Array(LOW * LOW);
  for (let v = 0; v < LOW; v++) {
    for (let u = 0; u < LOW; u++) {
      let sum = 0;
      for (let y = 0; y < SIDE; y++) sum += COSINES[v * SIDE + y]! * rows[y * LOW + u]!;
      coefficients[v * LOW + u] = sum;
    }
  }
  const sorted = coefficients.slice(1).sort();
  const median = sorted[Math.floor(sorted.length / 2)]!;
  let high = 0;
  let low = 0;
  for (let i = 0; i < 32; i++) {
    if (coefficients[i]! > median) high |= 1 << i;
    if (coefficients[i + 32]! > median) low |= 1 << i;
  }
  return { high: high >>> 0, low: low >>> 0, thumbnail: thumbnailOf(grey) };
}

/** Number of bits in which two hashes differ. */
export function hashDistance(a: Fingerprint, b: Fingerprint): number {
  return bits(a.high ^ b.high) + bits(a.low ^ b.low);
}

/** Correlation of two thumbnails: 1 for the same image up to brightness and contrast. */
export function similarity(a: Fingerprint, b: Fingerprint): number {
  let sum = 0;
  for (let i = 0; i < a.thumbnail.length; i++) sum += a.thumbnail[i]! * b.thumbnail[i]!;
  return sum;
}

/** Number of ones in a 32-bit word. */
function bits(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return (((x + (x >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** Grey levels (Rec. 601) averaged over a 32 × 32 grid; pixels on a border count for both cells by area. */
function grayGrid({ width, height, channels, data }: Pixels): Float64Array {
  const rows = new Float64Array(height * SIDE);
  const columns = cells(width);
  for (let y = 0; y < height; y++) {
    for (const [column, { first, weights }] of columns.entries()) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) {
        const at = (y * width + first + k) * channels;
        const grey =
          channels < 3 ? data[at]! : 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
        sum += weights[k]! * grey;
      }
      rows[y * SIDE + column] = sum;
    }
  }
  const out = new Float64Array(SIDE * SIDE);
  for (const [row, { first, weights }] of cells(height).entries()) {
    for (let column = 0; column < SIDE; column++) {
      for (let k = 0; k < weights.length; k++) {
        out[row * SIDE + column]! += weights[k]! * rows[(first + k) * SIDE + column]!;
      }
    }
  }
  return out;
}

interface Cell {
  /** First pixel that the cell covers. */
  readonly first: number;
  /** Shares of its pixels in the mean. */
  readonly weights: Float64Array;
}

/** Kept, because the images of a set often have one size. */
const lastCells = new Map<number, readonly Cell[]>();

/** For each of 32 equal parts of `length` pixels, the pixels it covers and the shares of their means. */
function cells(length: number): readonly Cell[] {
  const known = lastCells.get(length);
  if (known !== undefined) return known;
  const step = length / SIDE;
  const made = Array.from({ length: SIDE }, (_, i) => {
    const [start, end] = [i * step, (i + 1) * step];
    const first = Math.min(length - 1, Math.floor(start));
    const count = Math.max(1, Math.min(length, Math.ceil(end - 1e-9)) - first);
    const weights = Float64Array.from({ length: count }, (_, k) =>
      Math.max(0, Math.min(end, first + k + 1) - Math.max(start, first + k)),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map(weight => weight / sum) };
  });
  if (lastCells.size >= 8) lastCells.clear();
  lastCells.set(length, made);
  return made;
}

/** The 32 × 32 grid averaged to 16 × 16, zero mean and unit norm. */
function thumbnailOf(grey: Float64Array): Float32Array {
  const side = SIDE / 2;
  const out = new Float32Array(side * side);
  let mean = 0;
  for (let i = 0; i < out.length; i++) {
    const at = 2 * Math.floor(i / side) * SIDE + 2 * (i % side);
    out[i] = (grey[at]! + grey[at + 1]! + grey[at + SIDE]! + grey[at + SIDE + 1]!) / 4;
    mean += out[i]! / out.length;
  }
  let square = 0;
  for (let i = 0; i < out.length; i++) square += (out[i]! - mean) ** 2;
  const norm = Math.sqrt(square);
  for (let i = 0; i < out.length; i++) out[i] = norm < 1e-3 ? 0 : (out[i]! - mean) / norm;
  return out;
}
