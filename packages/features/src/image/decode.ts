import { isOodError, systemError } from '@ood/core';
import type { Sharp, SharpOptions } from 'sharp';
import { FeaturesError } from '../errors.ts';
import { decodeBmp } from './bmp.ts';
import { cmykToRgb } from './color.ts';
import { withinPixelBudget } from './pixel-budget.ts';
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
 * `Image.open`, AVIF excepted. At most 100 million pixels are decoded at a time in a process, in all its threads
 * together; what is more waits.
 *
 * | input | result |
 * |---|---|
 * | embedded color profile | ignored |
 * | CMYK | naive conversion to RGB, see `cmykToRgb` |
 * | 16 bits | the high byte (Pillow clips 16-bit gray to 255 instead, a known defect) |
 * | alpha | kept here, dropped by `toColor` |
 * | palette, 1 bit | expanded |
 * | animated, several pages | the first (of an APNG: the picture that viewers without APNG show) |
 * | AVIF | decoded by libheif, whose chroma differs from Pillow's (libavif) by a few levels where it is subsampled |
 * | truncated, damaged | an error; damage that the decoder does not notice cannot be seen |
 *
 * @throws FeaturesError IMAGE_EMPTY, IMAGE_UNSUPPORTED, IMAGE_TOO_LARGE, IMAGE_ANIMATED, IMAGE_CORRUPT; INVALID_OPTION;
 *   OVERLOADED where 1,024 images wait to be decoded
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<PixelImage> {
  return decodeAndUse(bytes, options, image => image);
}

/** As `decodeImage`, and hands the image on; its pixels count against the budget of this process until `use` returns. */
export async function decodeAndUse<T>(
  bytes: Uint8Array,
  options: DecodeOptions,
  use: (image: PixelImage) => T,
): Promise<T> {
  const { orientation = 'ignore', maxPixels = DEFAULT_MAX_PIXELS, animated = 'first-frame' } = options;
  if (!(Number.isSafeInteger(maxPixels) && maxPixels > 0))
    throw new FeaturesError('INVALID_OPTION', {
      where: 'decodeImage',
      expected: 'maxPixels to be a positive integer',
      got: String(maxPixels),
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
  if (header.format === 'bmp') return withinPixelBudget(area(header.size), async () => use(decodeBmp(bytes)));
  if (animated === 'refuse' && header.pictures !== undefined && header.pictures > 1)
    throw severalPictures(header.pictures);

  const sharp = await (loaded ??= import('sharp').then(module => module.default));
  const open = (extra: SharpOptions = {}): Sharp =>
    sharp(bytes, { ignoreIcc: true, failOn: 'error', limitInputPixels: maxPixels, pages: 1, ...extra });
  try {
    const { size, cmyk } = await readHeader(header, open, animated);
    checkSize(size, maxPixels);
    return await withinPixelBudget(area(size), async () => {
      let image = open();
      if (orientation === 'exif') image = image.autoOrient();
      if (cmyk) image = image.pipelineColourspace('cmyk').toColourspace('cmyk');
      const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
      const pixels = { width: info.width, height: info.height, channels: info.channels, data };
      return use(cmyk ? cmykToRgb(pixels) : pixels);
    });
  } catch (cause) {
    throw asDecodeError(cause, maxPixels);
  }
}

/** Loaded when first needed: preparing pixels or vectors does without it. */
let loaded: Promise<typeof import('sharp')['default']> | undefined;

/** What the decoder has to say before it decodes: nothing where the first bytes have told all. */
async function readHeader(
  header: ImageHeader,
  open: () => Sharp,
  animated: DecodeOptions['animated'],
): Promise<{ readonly size: Size | undefined; readonly cmyk: boolean }> {
  const { size, components, format } = header;
  if (size && components !== undefined) return { size, cmyk: components === 4 };
  if (size && format === 'png') return { size, cmyk: false };
  const metadata = await open().metadata();
  if (animated === 'refuse' && (metadata.pages ?? 1) > 1) throw severalPictures(metadata.pages!);
  return { size: metadata, cmyk: metadata.space === 'cmyk' };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function area(size: Size | undefined): number {
  return size ? size.width * size.height : 0;
}

function severalPictures(pages: number): FeaturesError {
  return new FeaturesError('IMAGE_ANIMATED', {
    where: 'decodeImage',
    expected: 'a single image',
    got: `${pages} frames or pages`,
    advice: "split the file or use animated: 'first-frame'",
    details: { pages },
  });
}

function checkSize(size: Size | undefined, maxPixels: number): void {
  if (!size || area(size) <= maxPixels) return;
  throw new FeaturesError('IMAGE_TOO_LARGE', {
    where: 'decodeImage',
    expected: `at most ${maxPixels} pixels`,
    got: `${size.width}×${size.height}`,
    advice: 'shrink the image or raise maxPixels',
    details: { width: size.width, height: size.height, maxPixels },
  });
}

function asDecodeError(cause: unknown, maxPixels: number): unknown {
  if (isOodError(cause)) return cause;
  const refusal = systemError(cause, { where: 'decodeImage', expected: 'memory for an image' });
  if (refusal !== cause) return refusal;
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
