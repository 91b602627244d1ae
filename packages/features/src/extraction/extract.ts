import { FeaturesError } from '../errors.ts';
import { concatenateBatches } from './concatenate.ts';
import { type ExtractOptions, extractBatches, type FeatureModel } from './extract-batches.ts';
import type { ExtractedBatch } from './feature-batch.ts';
import type { Samples } from './sample.ts';

/** All rows of an extraction in memory, in the order of the source. */
export type ExtractedFeatures = ExtractedBatch;

/**
 * Features (and logits) of all samples, in memory.
 *
 * @throws as `extractBatches`; FeaturesError EMPTY_INPUT if no sample gave a row
 */
export async function extract(
  model: FeatureModel,
  samples: Samples,
  options: ExtractOptions = {},
): Promise<ExtractedFeatures> {
  const batches: ExtractedBatch[] = [];
  for await (const batch of extractBatches(model, samples, options)) batches.push(batch);
  const failures = batches.flatMap(batch => batch.failures);
  const filled = batches.filter(batch => batch.ids.length > 0);
  if (filled.length === 0) throw noSamples(failures);
  const { features, logits } = filled[0]!;
  return { ...concatenateBatches(filled, { dim: features.cols, classes: logits?.cols }), failures };
}

/** The error for a source that gave nothing. */
export function noSamples(failures: ExtractedBatch['failures']): FeaturesError {
  const first = failures[0];
  return new FeaturesError('EMPTY_INPUT', {
    where: 'extract',
    expected: `at least one ${first ? 'usable ' : ''}sample`,
    got: first
      ? `none of ${failures.length}, the first because of ${first.code} ('${first.id}'): ${first.reason}`
      : 'an empty source',
    advice: first ? undefined : 'check the folder or the split',
    details: { failures },
  });
}
