import { extname } from 'node:path';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import type { NumericArray } from './array.ts';
import type { FeatureFiles } from './import-features.ts';
import { writeNpy } from './npy.ts';
import { writeSafetensors } from './safetensors.ts';

/**
 * Writes rows for other tools: `.npy` files for the parts named, or one `.safetensors` with `features`, `labels` and,
 * where there are any, `logits`. The whole of a store: `exportFeatures(await store.readAll(), files)`.
 */
export async function exportFeatures(batch: FeatureBatch, files: FeatureFiles): Promise<void> {
  const matrix = ({ rows, cols, data }: FeatureBatch['features']): NumericArray => ({
    type: 'float32',
    dims: [rows, cols],
    data,
  });
  const features = matrix(batch.features);
  const logits = batch.logits && matrix(batch.logits);
  const labels: NumericArray = { type: 'int32', dims: [batch.labels.length], data: batch.labels };
  if (extname(files.features) === '.safetensors')
    return writeSafetensors(files.features, { features, ...(logits && { logits }), labels });
  await writeNpy(files.features, features);
  if (files.logits && logits) await writeNpy(files.logits, logits);
  if (files.labels) await writeNpy(files.labels, labels);
}
