import { FeaturesError } from '../errors.ts';
import { kernels } from '../kernels/kernels.ts';
import type { Size } from '../preprocessing/geometry.ts';
import type { ResizeFilter } from '../preprocessing/preprocessing.ts';
import { type Coefficients, coefficients } from './coefficients.ts';
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
 *
 * @throws FeaturesError IMAGE_TOO_LARGE where either pass would make more than 100 million pixels, as of a very long image
 */
export function resample(image: PixelImage, size: Size, filter: ResizeFilter, window: Window): PixelImage {
  if (size.width === image.width && size.height === image.height) return cut(image, window);
  checkPixels(image, size, window, window.height);
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
  checkPixels(image, size, window, band.height);

  if (size.height === image.height) {
    const full = { ...band, y: window.y, height: window.height };
    return horizontal(image, full, columns);
  }
  if (size.width === image.width)
    return vertical(cut(image, { ...band, x: window.x, width: window.width }), firstRow, rows);
  return vertical(horizontal(image, band, columns), firstRow, rows);
}

const MAX_PIXELS = 100_000_000;

function checkPixels(image: Size, size: Size, window: Window, height: number): void {
  if (window.width * height <= MAX_PIXELS) return;
  throw new FeaturesError(
    'IMAGE_TOO_LARGE',
    `resample: expected at most ${MAX_PIXELS} pixels on the way from ${image.width}×${image.height} to ${size.width}×${size.height}, got ${window.width}×${height}; add a crop to the preprocessing, or remove the image`,
    { from: { width: image.width, height: image.height }, to: size, maxPixels: MAX_PIXELS },
  );
}

function horizontal(image: PixelImage, band: Window, columns: Coefficients): PixelImage {
  const { channels, data, width } = image;
  const stride = width * channels;
  const outputWidth = columns.first.length;
  const source = data.subarray(band.y * stride, (band.y + band.height) * stride);
  const out = runPass(source, outputWidth * band.height * channels, columns, (at, exports) => {
    const pass = channels === 3 ? exports.horizontal3 : exports.horizontal1;
    pass(at.source, stride, band.height, at.first, at.count, at.weights, columns.taps, outputWidth, at.out);
  });
  return { width: outputWidth, height: band.height, channels, data: out };
}

function vertical(image: PixelImage, firstRow: number, rows: Coefficients): PixelImage {
  const { channels, data, width } = image;
  const stride = width * channels;
  const height = rows.first.length;
  const shifted = { ...rows, first: rows.first.map(row => row - firstRow) };
  const out = runPass(data, stride * height, shifted, (at, exports) => {
    exports.vertical(at.source, stride, at.first, at.count, at.weights, rows.taps, height, at.out);
  });
  return { width, height, channels, data: out };
}

interface Addresses {
  readonly source: number;
  readonly first: number;
  readonly count: number;
  readonly weights: number;
  readonly out: number;
}

/** Copies a pass's operands into the module's memory, runs it, and copies the result out. */
function runPass(
  source: Uint8Array,
  outputLength: number,
  { first, count, weights }: Coefficients,
  run: (at: Addresses, exports: ReturnType<typeof kernels>['exports']) => void,
): Uint8Array {
  const tables = (first.length + count.length + weights.length) * 4;
  const { exports, base } = kernels(tables + source.length + outputLength + 2 * SLACK);
  const at: Addresses = {
    first: base,
    count: base + first.length * 4,
    weights: base + (first.length + count.length) * 4,
    source: base + tables,
    out: base + tables + source.length + SLACK,
  };
  const { buffer } = exports.memory;
  new Int32Array(buffer, at.first, first.length).set(first);
  new Int32Array(buffer, at.count, count.length).set(count);
  new Int32Array(buffer, at.weights, weights.length).set(weights);
  new Uint8Array(buffer, at.source, source.length).set(source);
  run(at, exports);
  return new Uint8Array(buffer, at.out, outputLength).slice();
}

/** The RGB pass reads and writes one byte too far. */
const SLACK = 16;

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
