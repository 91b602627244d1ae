import { FeaturesError } from '../errors.ts';
import type { PixelImage } from './pixel-image.ts';

/**
 * Decodes an uncompressed Windows bitmap of 1, 4, 8, 24 or 32 bits per pixel to RGB (sharp reads no BMP).
 *
 * @throws FeaturesError IMAGE_CORRUPT if truncated, IMAGE_UNSUPPORTED for compressed or 16-bit ones
 */
export function decodeBmp(bytes: Uint8Array): PixelImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 54) throw truncated(bytes.length, 54);
  const start = view.getUint32(10, true);
  const headerSize = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  if (headerSize < 40 || compression !== 0 || ![1, 4, 8, 24, 32].includes(bits) || width <= 0 || height === 0)
    throw new FeaturesError('IMAGE_UNSUPPORTED', {
      where: 'decodeBmp',
      expected: 'an uncompressed bitmap of 1, 4, 8, 24 or 32 bits',
      got: `${bits} bits with compression ${compression}`,
      advice: 'convert it to PNG',
      details: { bits, compression, headerSize },
    });
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (bytes.length < start + stride * height) throw truncated(bytes.length, start + stride * height);

  const palette = 14 + headerSize;
  const data = new Uint8Array(width * height * 3);
  let o = 0;
  for (let y = 0; y < height; y++) {
    const row = start + (signedHeight > 0 ? height - 1 - y : y) * stride;
    for (let x = 0; x < width; x++, o += 3) {
      const p = bits >= 24 ? row + (x * bits) / 8 : palette + 4 * paletteIndex(bytes, row, x, bits);
      data[o] = bytes[p + 2]!;
      data[o + 1] = bytes[p + 1]!;
      data[o + 2] = bytes[p]!;
    }
  }
  return { width, height, channels: 3, data };
}

function paletteIndex(bytes: Uint8Array, row: number, x: number, bits: number): number {
  const bit = x * bits;
  return (bytes[row + (bit >> 3)]! >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
}

function truncated(got: number, expected: number): FeaturesError {
  return new FeaturesError('IMAGE_CORRUPT', {
    where: 'decodeBmp',
    expected: `at least ${expected} bytes`,
    got: `${got}`,
    advice: 'the file is truncated: replace or remove it',
    details: { expected, got },
  });
}
