import type { Size } from '../preprocessing/geometry.ts';
import type { ResizeFilter } from '../preprocessing/preprocessing.ts';
import { type Coefficients, coefficients, PRECISION_BITS } from './coefficients.ts';
import { filterKernels } from './filters.ts';
import type { PixelImage } from './pixel-image.ts';

/** A rectangle of the resized image. */
export interface Window extends Size {
  readonly x: number;
  readonly y: number;
}

/**
 * The part `window` of `image` resampled to `size`, byte for byte what Pillow's `Image.resize(size, filter).crop(window)`
 * gives: two passes, horizontal first, each rounded to 8 bits; a pass that keeps its side's length is skipped.
 * Only the pixels that the window needs are computed.
 */
export function resample(image: PixelImage, size: Size, filter: ResizeFilter, window: Window): PixelImage {
  if (size.width === image.width && size.height === image.height) return cut(image, window);
  if (filter === 'nearest') return nearest(image, size, window);
  const kernel = filterKernels[filter];
  const columns = coefficients(image.width, size.width, kernel, { from: window.x, length: window.width });
  const rows = coefficients(image.height, size.height, kernel, { from: window.y, length: window.height });
  const last = window.height - 1;
  const firstRow = rows.first[0]!;
  const band: Window = {
    x: 0,
    y: firstRow,
    width: image.width,
    height: rows.first[last]! + rows.count[last]! - firstRow,
  };

  if (size.height === image.height) {
    const full = { ...band, y: window.y, height: window.height };
    return horizontal(image, full, columns);
  }
  if (size.width === image.width)
    return vertical(cut(image, { ...band, x: window.x, width: window.width }), firstRow, rows);
  return vertical(horizontal(image, band, columns), firstRow, rows);
}

function horizontal(
  image: PixelImage,
  band: Window,
  { first, count, weights, taps }: Coefficients,
): PixelImage {
  const { channels, data, width } = image;
  const outputWidth = first.length;
  const out = new Uint8Array(outputWidth * band.height * channels);
  let o = 0;
  for (let y = band.y; y < band.y + band.height; y++) {
    const row = y * width * channels;
    for (let x = 0; x < outputWidth; x++) {
      const end = x * taps + count[x]!;
      let p = row + first[x]! * channels;
      if (channels === 3) {
        let r = HALF;
        let g = HALF;
        let b = HALF;
        for (let w = x * taps; w < end; w++, p += 3) {
          const weight = weights[w]!;
          r = (r + data[p]! * weight) | 0;
          g = (g + data[p + 1]! * weight) | 0;
          b = (b + data[p + 2]! * weight) | 0;
        }
        out[o] = clip(r);
        out[o + 1] = clip(g);
        out[o + 2] = clip(b);
        o += 3;
      } else {
        let v = HALF;
        for (let w = x * taps; w < end; w++, p++) v = (v + data[p]! * weights[w]!) | 0;
        out[o++] = clip(v);
      }
    }
  }
  return { width: outputWidth, height: band.height, channels, data: out };
}

function vertical(
  image: PixelImage,
  firstRow: number,
  { first, count, weights, taps }: Coefficients,
): PixelImage {
  const { channels, data, width } = image;
  const stride = width * channels;
  const outputHeight = first.length;
  const out = new Uint8Array(stride * outputHeight);
  const sums = new Int32Array(stride);
  for (let y = 0; y < outputHeight; y++) {
    sums.fill(HALF);
    for (let t = 0; t < count[y]!; t++) {
      const weight = weights[y * taps + t]!;
      const row = (first[y]! - firstRow + t) * stride;
      for (let i = 0; i < stride; i++) sums[i] = sums[i]! + data[row + i]! * weight;
    }
    const target = y * stride;
    for (let i = 0; i < stride; i++) out[target + i] = clip(sums[i]!);
  }
  return { width, height: outputHeight, channels, data: out };
}

function nearest(image: PixelImage, size: Size, window: Window): PixelImage {
  const { channels, data } = image;
  const out = new Uint8Array(window.width * window.height * channels);
  let o = 0;
  for (let y = 0; y < window.height; y++) {
    const row = Math.floor(((window.y + y + 0.5) * image.height) / size.height) * image.width;
    for (let x = 0; x < window.width; x++) {
      const p = (row + Math.floor(((window.x + x + 0.5) * image.width) / size.width)) * channels;
      for (let c = 0; c < channels; c++) out[o++] = data[p + c]!;
    }
  }
  return { width: window.width, height: window.height, channels, data: out };
}

function cut(image: PixelImage, window: Window): PixelImage {
  const { channels, data, width } = image;
  if (window.width === width && window.height === image.height) return image;
  const stride = window.width * channels;
  const out = new Uint8Array(stride * window.height);
  for (let y = 0; y < window.height; y++) {
    const start = ((window.y + y) * width + window.x) * channels;
    out.set(data.subarray(start, start + stride), y * stride);
  }
  return { width: window.width, height: window.height, channels, data: out };
}

const HALF = 1 << (PRECISION_BITS - 1);

function clip(sum: number): number {
  const value = sum >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
