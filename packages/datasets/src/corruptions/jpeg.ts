import { requireOption } from '@ood/core';
import type { Pixels } from '../contract/sample.ts';
import { DatasetError } from '../errors.ts';

/**
 * What JPEG compression at a quality from 1 to 100 does to pixels, by the codec of `sharp`: the same bytes as Pillow gives, with
 * which ImageNet-C and CIFAR-10-C were made. Gray has one component; alpha is kept as it is.
 *
 * @throws CoreError `INVALID_OPTION` for another quality; DatasetError `MISSING_PACKAGE` where `sharp` is not installed.
 */
export async function jpegRoundTrip(pixels: Pixels, quality: number): Promise<Pixels> {
  requireOption('jpegRoundTrip', 'quality', quality, [
    value => typeof value === 'number' && value >= 1 && value <= 100,
    'a quality from 1 to 100',
  ]);
  const sharp = await loadSharp();
  const { width, height, channels } = pixels;
  const colors = channels < 3 ? 1 : 3;
  const space = colors === 1 ? 'b-w' : 'srgb';
  const opaque = selectChannels(pixels.data, channels, colors);
  const encoded = await sharp(opaque, { raw: { width, height, channels: colors } })
    .toColourspace(space)
    .jpeg({ quality: Math.round(quality), chromaSubsampling: '4:2:0' })
    .toBuffer();
  const decoded = await sharp(encoded).toColourspace(space).raw().toBuffer();
  const data = Uint8Array.from(pixels.data);
  for (let i = 0, at = 0; at < decoded.length; i += channels)
    for (let c = 0; c < colors; c++) data[i + c] = decoded[at++]!;
  return { ...pixels, data };
}

/** The first channels of interleaved pixels. */
function selectChannels(data: Uint8Array, channels: number, wanted: number): Uint8Array {
  if (channels === wanted) return data;
  return Uint8Array.from(
    { length: (data.length / channels) * wanted },
    (_, i) => data[Math.floor(i / wanted) * channels + (i % wanted)]!,
  );
}

/** An optional peer: only this corruption needs it. */
async function loadSharp(): Promise<typeof import('sharp')['default']> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new DatasetError('MISSING_PACKAGE', {
      where: 'jpegRoundTrip',
      expected: 'the package sharp',
      got: (cause as Error).message.split('\n', 1)[0]!,
      advice: 'npm install sharp',
      details: { package: 'sharp' },
      cause,
    });
  }
}
