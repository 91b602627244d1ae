import type { Matrix } from '../backbone/backbone.ts';
import { FeaturesError } from '../errors.ts';
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
  const logits = filled.flatMap(batch => batch.logits ?? []);
  return {
    features: stack(filled.map(batch => batch.features)),
    ...(logits.length > 0 && { logits: stack(logits) }),
    labels: Int32Array.from(filled.flatMap(batch => [...batch.labels])),
    ids: filled.flatMap(batch => batch.ids),
    indices: Float64Array.from(filled.flatMap(batch => [...batch.indices])),
    failures,
  };
}

/** The error for a source that gave nothing. */
export function noSamples(failures: ExtractedBatch['failures']): FeaturesError {
  const first = failures[0];
  return new FeaturesError(
    'EMPTY_INPUT',
    first
      ? `extract: expected at least one usable sample, got none of ${failures.length}, the first because of ${first.code} ('${first.id}'): ${first.reason}`
      : 'extract: expected at least one sample, got an empty source; check the folder or the split',
    { failures },
  );
}

function stack(parts: readonly Matrix[]): Matrix {
  const { cols } = parts[0]!;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const data = new Float32Array(rows * cols);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows, cols, data };
}
