import { FeaturesError } from '../errors.ts';
import { kernels } from '../kernels/kernels.ts';
import type { Size } from '../preprocessing/geometry.ts';
import type { ResizeFilter } from '../preprocessing/image-preprocessing.ts';
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
  const { channels } = image;
  const { width, height } = window;
  const passes: Pass[] = [];
  let band = { y: window.y, height };
  if (size.height !== image.height) {
    const firstRow = rows.first[0]!;
    band = { y: firstRow, height: rows.first[height - 1]! + rows.count[height - 1]! - firstRow };
    passes.push(vertical(width * channels, firstRow, rows));
  }
  checkPixels(image, size, window, band.height);
  if (size.width === image.width) {
    const { data } = cut(image, { ...band, x: window.x, width });
    return { width, height, channels, data: runPasses(data, passes) };
  }
  passes.unshift(horizontal(image, band.height, columns));
  return { width, height, channels, data: runPasses(rowsOf(image, band.y, band.height), passes) };
}

const MAX_PIXELS = 100_000_000;

function checkPixels(image: Size, size: Size, window: Window, height: number): void {
  if (window.width * height <= MAX_PIXELS) return;
  throw new FeaturesError('IMAGE_TOO_LARGE', {
    where: 'resample',
    expected: `at most ${MAX_PIXELS} pixels on the way from ${image.width}×${image.height} to ${size.width}×${size.height}`,
    got: `${window.width}×${height}`,
    advice: 'add a crop to the preprocessing, or remove the image',
    details: { from: { width: image.width, height: image.height }, to: size, maxPixels: MAX_PIXELS },
  });
}

function rowsOf({ width, channels, data }: PixelImage, first: number, count: number): Uint8Array {
  const stride = width * channels;
  return data.subarray(first * stride, (first + count) * stride);
}

/** One of the resampler's two passes over bytes in the module's memory. */
interface Pass {
  readonly coefficients: Coefficients;
  readonly outputLength: number;
  run(at: Addresses, exports: ReturnType<typeof kernels>['exports']): void;
}

interface Addresses {
  readonly source: number;
  readonly first: number;
  readonly count: number;
  readonly weights: number;
  readonly out: number;
}

function horizontal({ width, channels }: PixelImage, height: number, columns: Coefficients): Pass {
  const outputWidth = columns.first.length;
  return {
    coefficients: columns,
    outputLength: outputWidth * height * channels,
    run(at, exports) {
      const pass = channels === 3 ? exports.horizontal3 : exports.horizontal1;
      const stride = width * channels;
      pass(at.source, stride, height, at.first, at.count, at.weights, columns.taps, outputWidth, at.out);
    },
  };
}

function vertical(stride: number, firstRow: number, rows: Coefficients): Pass {
  const height = rows.first.length;
  return {
    coefficients: { ...rows, first: rows.first.map(row => row - firstRow) },
    outputLength: stride * height,
    run(at, exports) {
      exports.vertical(at.source, stride, at.first, at.count, at.weights, rows.taps, height, at.out);
    },
  };
}

/** Runs passes one after the other in the module's memory, each on what the one before has written. */
function runPasses(input: Uint8Array, passes: readonly Pass[]): Uint8Array<ArrayBuffer> {
  const sizes = passes.map(({ coefficients: { first, count, weights }, outputLength }) => ({
    tables: (first.length + count.length + weights.length) * 4,
    // Whole words, so that the tables of the next pass are aligned.
    out: Math.ceil((outputLength + SLACK) / 16) * 16,
  }));
  const inputSize = Math.ceil((input.length + SLACK) / 16) * 16;
  const { exports, base } = kernels(sizes.reduce((sum, { tables, out }) => sum + tables + out, inputSize));
  const { buffer } = exports.memory;
  new Uint8Array(buffer, base, input.length).set(input);
  let source = base;
  let at = base + inputSize;
  for (const [i, { coefficients, run }] of passes.entries()) {
    const { first, count, weights } = coefficients;
    const addresses = {
      source,
      first: at,
      count: at + first.length * 4,
      weights: at + (first.length + count.length) * 4,
      out: at + sizes[i]!.tables,
    };
    new Int32Array(buffer, addresses.first, first.length).set(first);
    new Int32Array(buffer, addresses.count, count.length).set(count);
    new Int32Array(buffer, addresses.weights, weights.length).set(weights);
    run(addresses, exports);
    source = addresses.out;
    at += sizes[i]!.tables + sizes[i]!.out;
  }
  return new Uint8Array(buffer, source, passes.at(-1)!.outputLength).slice();
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
