import { extractBatches, type FeatureModel, type Samples } from '@ood/features';
import type { CreateGuardOptions } from './options.ts';

/**
 * Looks at samples that are needed only after the fit, so that a preprocessing which is missing or does not suit the model
 * ends the work before it begins: runs the model on the first of them, where that can be read without starting an
 * iteration, which may be possible only once. An image that does not decode is none of its business.
 *
 * @throws FeaturesError `INVALID_OPTION`, `MODEL_INPUT_MISMATCH`; whatever reading the source throws
 */
export async function tryFirst(
  model: FeatureModel,
  samples: Samples,
  { preprocessing, signal }: CreateGuardOptions,
): Promise<void> {
  for await (const _ of extractBatches(model, firstOf(samples), { preprocessing, signal }));
}

function firstOf(samples: Samples): Samples {
  return {
    async *[Symbol.asyncIterator]() {
      if (samples.read && samples.length) yield await samples.read(0);
    },
  };
}
