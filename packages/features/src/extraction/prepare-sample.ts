import { FeaturesError } from '../errors.ts';
import { type DecodeOptions, decodeAndUse } from '../image/decode.ts';
import type { PixelImage } from '../image/pixel-image.ts';
import { imagePreparer, type PreparedImage } from '../preprocessing/prepare.ts';
import type { Preprocessing } from '../preprocessing/preprocessing.ts';
import type { Sample } from './sample.ts';

/** Turns samples into model inputs, several at once. */
export interface SamplePreparer {
  /** @throws FeaturesError saying what is wrong with the sample */
  prepare(sample: Sample): Promise<PreparedImage>;
  /** Lets a later image be written where this one is: a new array for each keeps the garbage collector busy. */
  recycle(prepared: PreparedImage): void;
}

export type PrepareOptions = Pick<DecodeOptions, 'maxPixels' | 'animated'>;

/** A preparer that resamples in the calling thread (the decoder has threads of its own). */
export function samplePreparer(
  preprocessing: Preprocessing | undefined,
  options: PrepareOptions,
): SamplePreparer {
  const prepareImage = preprocessing && imagePreparer(preprocessing);
  const own = new WeakSet<PreparedImage>();
  const free: PreparedImage['data'][] = [];
  return {
    recycle(prepared) {
      if (own.delete(prepared)) free.push(prepared.data);
    },
    async prepare(sample) {
      if ('vector' in sample) return { type: 'float32', dims: [sample.vector.length], data: sample.vector };
      if (!prepareImage)
        throw new FeaturesError('INVALID_OPTION', {
          where: 'extract',
          expected: 'a preprocessing, since the samples are images',
          got: 'none',
          advice: "pass preprocessing: preset('imagenet'), or the model's own",
        });
      const prepare = (image: PixelImage) => prepareImage(image, free.pop());
      const { orientation } = preprocessing;
      const prepared =
        'pixels' in sample
          ? prepare(checkPixels(sample.pixels))
          : await decodeAndUse(sample.bytes, { ...options, orientation }, prepare);
      own.add(prepared);
      return prepared;
    },
  };
}

function checkPixels(pixels: PixelImage): PixelImage {
  const { width, height, channels, data } = pixels;
  if (
    width >= 1 &&
    height >= 1 &&
    channels >= 1 &&
    channels <= 4 &&
    data.length === width * height * channels
  )
    return pixels;
  throw new FeaturesError('SAMPLE_INVALID', {
    where: 'pixels',
    expected: `${width}×${height}×${channels} bytes of 1 to 4 channels`,
    got: `${data.length}`,
    advice: 'correct the sample',
    details: { width, height, channels, length: data.length },
  });
}
