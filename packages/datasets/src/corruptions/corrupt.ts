import { createRandom, type Random, type Seed } from '@ood/core';
import { map } from '../combine/map.ts';
import { requirePixels } from '../contract/require-pixels.ts';
import { isPixelsSample, type Pixels, type PixelsSample, type Sample } from '../contract/sample.ts';
import type { IndexedSamples, Samples } from '../contract/samples.ts';
import { DatasetError } from '../errors.ts';
import { gaussianBlur } from './gaussian-blur.ts';
import { jpegRoundTrip } from './jpeg.ts';
import { contrast, gaussianNoise, impulseNoise, shotNoise } from './per-value.ts';
import { type CorruptionName, SEVERITIES, type Severity, type SeverityScale } from './severity.ts';

export interface CorruptOptions {
  readonly corruption: CorruptionName;
  readonly severity: Severity;
  /** Strengths of ImageNet-C or of CIFAR-10-C. Default: `'imagenet'`. */
  readonly scale?: SeverityScale;
  readonly seed: Seed;
}

type Corruption = (pixels: Pixels, strength: number, random: Random) => Pixels | Promise<Pixels>;

const CORRUPTIONS: Readonly<Record<CorruptionName, Corruption>> = {
  gaussianNoise,
  shotNoise,
  impulseNoise,
  gaussianBlur,
  contrast,
  jpeg: jpegRoundTrip,
};

/** Names of all corruptions. */
export const corruptionNames = Object.keys(CORRUPTIONS) as readonly CorruptionName[];

/**
 * Samples as they look under covariate shift. What happens to a sample depends on the seed and its id alone, not on the
 * order of reading. Decode encoded images first (`map`).
 *
 * @throws DatasetError `INVALID_OPTION` for an unknown name or severity; reading: `NOT_PIXELS` for a sample that has none,
 *   `WRONG_SHAPE` for one whose size is not that of its pixels.
 */
export function corrupt(
  samples: IndexedSamples<PixelsSample>,
  options: CorruptOptions,
): IndexedSamples<PixelsSample>;
export function corrupt(samples: Samples<PixelsSample>, options: CorruptOptions): Samples<PixelsSample>;
export function corrupt(samples: Samples<PixelsSample>, options: CorruptOptions): Samples<PixelsSample> {
  const strength = strengthOf(options);
  const { corruption, seed } = options;
  return map(samples, async sample => ({
    pixels: await CORRUPTIONS[corruption](
      pixelsOf(sample),
      strength,
      createRandom(seed, `${corruption}/${sample.id}`),
    ),
  }));
}

/** One image, corrupted. @throws DatasetError `INVALID_OPTION`, `WRONG_SHAPE`, `MISSING_PACKAGE` (`jpeg` needs `sharp`). */
export async function corruptPixels(pixels: Pixels, options: CorruptOptions): Promise<Pixels> {
  requirePixels('corruptPixels', pixels);
  return CORRUPTIONS[options.corruption](
    pixels,
    strengthOf(options),
    createRandom(options.seed, options.corruption),
  );
}

function pixelsOf(sample: Sample): Pixels {
  if (isPixelsSample(sample)) {
    requirePixels(`sample ${sample.id}`, sample.pixels);
    return sample.pixels;
  }
  throw new DatasetError('NOT_PIXELS', {
    where: `sample ${sample.id}`,
    expected: 'pixels',
    got: 'bytes' in sample ? 'an encoded image' : 'a vector',
    advice:
      'decode encoded images first: map(samples, async ({ bytes }) => ({ pixels: await decode(bytes) }))',
  });
}

function strengthOf({ corruption, severity, scale = 'imagenet' }: CorruptOptions): number {
  const strength = Object.hasOwn(SEVERITIES, corruption)
    ? SEVERITIES[corruption][scale]?.[severity - 1]
    : undefined;
  if (strength !== undefined) return strength;
  throw new DatasetError('INVALID_OPTION', {
    where: 'corrupt',
    expected: `one of ${corruptionNames.join(', ')}, severity 1 to 5, scale imagenet or cifar`,
    got: `${corruption}, severity ${severity}, scale ${scale}`,
    advice: 'choose one of these',
  });
}
