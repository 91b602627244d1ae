import type { Pixels } from '../contract/sample.ts';
import { DatasetError } from '../errors.ts';
import { quantisationTable } from './jpeg-tables.ts';

/** One colour component, its sides multiples of 8. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float64Array;
}

/** COSINES[u·8 + x] = c(u)/2 · cos((2x + 1)uπ/16): the orthonormal DCT-II of length 8. */
const COSINES = Float64Array.from({ length: 64 }, (_, i) => {
  const u = i >> 3;
  const x = i & 7;
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

/**
 * What JPEG compression at a quality from 1 to 100 does to pixels: YCbCr, chroma at half resolution (4:2:0), 8 × 8 DCT,
 * quantisation, and all of it back, chroma enlarged with the triangle filter that decoders use. The entropy coding
 * between the two directions loses nothing and is left out, so no encoder is needed. Grey has one component; alpha is
 * kept as it is.
 *
 * @throws DatasetError `INVALID_OPTION` for another quality.
 */
export function jpegRoundTrip(pixels: Pixels, quality: number): Pixels {
  if (!(quality >= 1 && quality <= 100)) {
    throw new DatasetError('INVALID_OPTION', {
      where: 'jpegRoundTrip',
      expected: 'a quality from 1 to 100',
      got: String(quality),
      advice: 'give one of these',
    });
  }
  const { width, height, channels } = pixels;
  const luminance = quantisationTable('luminance', quality);
  if (channels < 3) {
    const grey = component(pixels, (data, i) => data[i]!);
    quantise(grey, luminance);
    return write(pixels, (out, i, x, y) => {
      out[i] = clampByte(grey.data[y * grey.width + x]!);
    });
  }
  const y = component(pixels, (d, i) => Math.round(0.299 * d[i]! + 0.587 * d[i + 1]! + 0.114 * d[i + 2]!));
  const cb = halve(
    component(pixels, (d, i) =>
      Math.round(128 - 0.168735892 * d[i]! - 0.331264108 * d[i + 1]! + 0.5 * d[i + 2]!),
    ),
  );
  const cr = halve(
    component(pixels, (d, i) =>
      Math.round(128 + 0.5 * d[i]! - 0.418687589 * d[i + 1]! - 0.081312411 * d[i + 2]!),
    ),
  );
  const chrominance = quantisationTable('chrominance', quality);
  quantise(y, luminance);
  quantise(cb, chrominance);
  quantise(cr, chrominance);
  const [blue, red] = [double(cb, width, height), double(cr, width, height)];
  return write(pixels, (out, i, column, row) => {
    const luma = clampByte(y.data[row * y.width + column]!);
    const u = blue[row * width + column]! - 128;
    const v = red[row * width + column]! - 128;
    out[i] = clampByte(luma + 1.402 * v);
    out[i + 1] = clampByte(luma - 0.344136286 * u - 0.714136286 * v);
    out[i + 2] = clampByte(luma + 1.772 * u);
  });
}

/** A component at full resolution, its sides filled up to multiples of 16 with the last column and row. */
function component(pixels: Pixels, read: (data: Uint8Array, i: number) => number): Plane {
  const [width, height] = [pixels.width, pixels.height].map(side => Math.ceil(side / 16) * 16) as [
    number,
    number,
  ];
  const data = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.min(y, pixels.height - 1) * pixels.width;
    for (let x = 0; x < width; x++) {
      data[y * width + x] = read(pixels.data, (row + Math.min(x, pixels.width - 1)) * pixels.channels);
    }
  }
  return { width, height, data };
}

/** Means of 2 × 2, rounded up and down in turn, as the IJG encoder does it against a drift. */
function halve(plane: Plane): Plane {
  const width = plane.width / 2;
  const height = plane.height / 2;
  const data = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 2 * y * plane.width + 2 * x;
      const sum =
        plane.data[at]! +
        plane.data[at + 1]! +
        plane.data[at + plane.width]! +
        plane.data[at + plane.width + 1]!;
      data[y * width + x] = Math.floor((sum + 1 + (x & 1)) / 4);
    }
  }
  return { width, height, data };
}

/** Twice the size by the triangle filter (weights 9, 3, 3, 1 of 16), edges repeated; cut to `width` × `height`. */
function double(plane: Plane, width: number, height: number): Float64Array {
  const out = new Float64Array(width * height);
  const lastX = Math.ceil(width / 2) - 1;
  const lastY = Math.ceil(height / 2) - 1;
  const at = (x: number, y: number) => clampByte(plane.data[y * plane.width + x]!);
  for (let y = 0; y < height; y++) {
    const near = y >> 1;
    const far = Math.min(lastY, Math.max(0, near + ((y & 1) === 0 ? -1 : 1)));
    for (let x = 0; x < width; x++) {
      const close = x >> 1;
      const off = Math.min(lastX, Math.max(0, close + ((x & 1) === 0 ? -1 : 1)));
      const here = 3 * at(close, near) + at(close, far);
      const there = 3 * at(off, near) + at(off, far);
      out[y * width + x] = Math.floor((3 * here + there + ((x & 1) === 0 ? 8 : 7)) / 16);
    }
  }
  return out;
}

/** DCT, quantisation with rounding half away from zero, and inverse DCT of every 8 × 8 block, in place. */
function quantise({ width, height, data }: Plane, table: Uint8Array): void {
  const block = new Float64Array(64);
  for (let y = 0; y < height; y += 8) {
    for (let x = 0; x < width; x += 8) {
      for (let i = 0; i < 64; i++) block[i] = data[(y + (i >> 3)) * width + x + (i & 7)]! - 128;
      transform(block, false);
      for (let i = 0; i < 64; i++) {
        const level = block[i]! / table[i]!;
        block[i] = Math.sign(level) * Math.floor(Math.abs(level) + 0.5) * table[i]!;
      }
      transform(block, true);
      for (let i = 0; i < 64; i++) data[(y + (i >> 3)) * width + x + (i & 7)] = block[i]! + 128;
    }
  }
}

/** The DCT of rows, then columns; `inverse` uses the transposed matrix. */
function transform(block: Float64Array, inverse: boolean): void {
  const rows = new Float64Array(64);
  for (let r = 0; r < 8; r++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let k = 0; k < 8; k++) sum += COSINES[inverse ? k * 8 + u : u * 8 + k]! * block[r * 8 + k]!;
      rows[r * 8 + u] = sum;
    }
  }
  for (let c = 0; c < 8; c++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let k = 0; k < 8; k++) sum += COSINES[inverse ? k * 8 + u : u * 8 + k]! * rows[k * 8 + c]!;
      block[u * 8 + c] = sum;
    }
  }
}

function write(pixels: Pixels, set: (out: Uint8Array, i: number, x: number, y: number) => void): Pixels {
  const data = Uint8Array.from(pixels.data);
  for (let y = 0; y < pixels.height; y++) {
    for (let x = 0; x < pixels.width; x++) set(data, (y * pixels.width + x) * pixels.channels, x, y);
  }
  return { ...pixels, data };
}

function clampByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
