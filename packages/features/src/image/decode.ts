import type { Sharp, SharpOptions } from 'sharp';
import { FeaturesError } from '../errors.ts';
import { decodeBmp } from './bmp.ts';
import { cmykToRgb } from './color.ts';
import type { PixelImage } from './pixel-image.ts';
import { type ImageHeader, probeImage } from './probe.ts';

export interface DecodeOptions {
  /** `exif` turns the image upright by its EXIF orientation. Default: `ignore`, as Pillow and torchvision do. */
  readonly orientation?: 'ignore' | 'exif';
  /** Largest width · height that is decoded. Default: 100 million pixels, about 300 MB. */
  readonly maxPixels?: number;
  /** `refuse` makes an animation an error instead of taking its first frame. Default: `first-frame`. */
  readonly animated?: 'first-frame' | 'refuse';
}

const DEFAULT_MAX_PIXELS = 100_000_000;

/**
 * Decodes JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP to 8-bit pixels (1 to 4 channels). The values equal those of Pillow's
 * `Image.open`:
 *
 * | input | result |
 * |---|---|
 * | embedded color profile | ignored |
 * | CMYK | naive conversion to RGB, see `cmykToRgb` |
 * | 16 bits | the high byte (Pillow clips 16-bit gray to 255 instead, a known defect) |
 * | alpha | kept here, dropped by `toColor` |
 * | palette, 1 bit | expanded |
 * | animated, several pages | the first |
 * | truncated, damaged | an error; damage that the decoder does not notice cannot be seen |
 *
 * @throws FeaturesError IMAGE_EMPTY, IMAGE_UNSUPPORTED, IMAGE_TOO_LARGE, IMAGE_ANIMATED, IMAGE_CORRUPT; INVALID_OPTION
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<PixelImage> {
  const { orientation = 'ignore', maxPixels = DEFAULT_MAX_PIXELS, animated = 'first-frame' } = options;
  if (!(Number.isSafeInteger(maxPixels) && maxPixels > 0))
    throw new FeaturesError('INVALID_OPTION', {
      where: 'decodeImage',
      expected: 'maxPixels to be a positive integer',
      got: `${maxPixels}`,
      advice: `leave it out for ${DEFAULT_MAX_PIXELS}`,
      details: { maxPixels },
    });
  if (bytes.length === 0)
    throw new FeaturesError('IMAGE_EMPTY', {
      where: 'decodeImage',
      expected: 'image bytes',
      got: '0 bytes',
      advice: 'remove or replace the file',
    });
  const header = probeImage(bytes);
  if (!header)
    throw new FeaturesError('IMAGE_UNSUPPORTED', {
      where: 'decodeImage',
      expected: 'JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP',
      got: 'bytes that start like none of them',
      advice: 'convert or remove the file',
    });
  checkSize(header.size, maxPixels);
  if (header.format === 'bmp') return decodeBmp(bytes);

  const sharp = await (loaded ??= import('sharp').then(module => module.default));
  const open = (extra: SharpOptions = {}): Sharp =>
    sharp(bytes, { ignoreIcc: true, failOn: 'error', limitInputPixels: maxPixels, pages: 1, ...extra });
  try {
    const cmyk = await isCmyk(header, open, maxPixels, animated);
    let image = open();
    if (orientation === 'exif') image = image.autoOrient();
    if (cmyk) image = image.pipelineColorspace('cmyk').toColorspace('cmyk');
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const pixels = { width: info.width, height: info.height, channels: info.channels, data };
    return cmyk ? cmykToRgb(pixels) : pixels;
  } catch (cause) {
    throw asDecodeError(cause, maxPixels);
  }
}

/** Loaded when first needed: preparing pixels or vectors does without it. */
let loaded: Promise<typeof import('sharp')['default']> | undefined;

async function isCmyk(
  header: ImageHeader,
  open: () => Sharp,
  maxPixels: number,
  animated: DecodeOptions['animated'],
): Promise<boolean> {
  if (header.components !== undefined) return header.components === 4;
  if (header.format === 'png' && animated === 'first-frame') return false;
  const metadata = await open().metadata();
  checkSize(metadata, maxPixels);
  if (animated === 'refuse' && (metadata.pages ?? 1) > 1)
    throw new FeaturesError('IMAGE_ANIMATED', {
      where: 'decodeImage',
      expected: 'a single image',
      got: `${metadata.pages} frames or pages`,
      advice: "split the file or use animated: 'first-frame'",
      details: { pages: metadata.pages },
    });
  return metadata.space === 'cmyk';
}

function checkSize(size: { width: number; height: number } | undefined, maxPixels: number): void {
  if (!size || size.width * size.height <= maxPixels) return;
  throw new FeaturesError('IMAGE_TOO_LARGE', {
    where: 'decodeImage',
    expected: `at most ${maxPixels} pixels`,
    got: `${size.width}×${size.height}`,
    advice: 'shrink the image or raise maxPixels',
    details: { width: size.width, height: size.height, maxPixels },
  });
}

function asDecodeError(cause: unknown, maxPixels: number): FeaturesError {
  if (cause instanceof FeaturesError) return cause;
  const text = cause instanceof Error ? cause.message.trim() : String(cause);
  if (/exceeds pixel limit/i.test(text))
    return new FeaturesError('IMAGE_TOO_LARGE', {
      where: 'decodeImage',
      expected: `at most ${maxPixels} pixels`,
      got: 'a larger image',
      advice: 'shrink it or raise maxPixels',
      details: { maxPixels },
      cause,
    });
  return new FeaturesError('IMAGE_CORRUPT', {
    where: 'decodeImage',
    expected: 'a whole image',
    got: `one that does not decode (${text.split('\n')[0]})`,
    advice: 'replace or remove the file',
    details: { reason: text },
    cause,
  });
}
