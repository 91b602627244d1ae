import type { Color } from '../preprocessing/image-preprocessing.ts';
import type { PixelImage } from './pixel-image.ts';

/**
 * The image in the given color order, as Pillow converts: alpha is dropped, not blended; gray is repeated;
 * RGB to gray is `(19595 R + 38470 G + 7471 B + 2¹⁵) >> 16` (ITU-R 601-2 luma).
 */
export function toColor(image: PixelImage, color: Color): PixelImage {
  const { channels } = image;
  if (color === 'gray') return channels === 1 ? image : toGray(image);
  if (channels === 3 && color === 'rgb') return image;
  return toThreeChannels(image, color);
}

function toGray({ width, height, channels, data }: PixelImage): PixelImage {
  const pixels = width * height;
  const out = new Uint8Array(pixels);
  if (channels === 2) for (let i = 0; i < pixels; i++) out[i] = data[2 * i]!;
  else
    for (let i = 0, p = 0; i < pixels; i++, p += channels)
      out[i] = (data[p]! * 19595 + data[p + 1]! * 38470 + data[p + 2]! * 7471 + 0x8000) >> 16;
  return { width, height, channels: 1, data: out };
}

function toThreeChannels({ width, height, channels, data }: PixelImage, color: Color): PixelImage {
  const pixels = width * height;
  const out = new Uint8Array(pixels * 3);
  const gray = channels < 3;
  const red = !gray && color === 'bgr' ? 2 : 0;
  const green = gray ? 0 : 1;
  const blue = gray || color === 'bgr' ? 0 : 2;
  for (let o = 0, p = 0; o < out.length; o += 3, p += channels) {
    out[o] = data[p + red]!;
    out[o + 1] = data[p + green]!;
    out[o + 2] = data[p + blue]!;
  }
  return { width, height, channels: 3, data: out };
}

/** Naive CMYK to RGB as in Pillow: `(255 − K) · (255 − C) / 255`, in 8-bit arithmetic. */
export function cmykToRgb({ width, height, data }: PixelImage): PixelImage {
  const out = new Uint8Array(width * height * 3);
  for (let o = 0, p = 0; o < out.length; o += 3, p += 4) {
    const white = 255 - data[p + 3]!;
    for (let c = 0; c < 3; c++) {
      const product = data[p + c]! * white + 128;
      out[o + c] = Math.max(0, white - ((product + (product >> 8)) >> 8));
    }
  }
  return { width, height, channels: 3, data: out };
}
