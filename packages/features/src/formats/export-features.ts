import { extname } from 'node:path';
import { type DenseArray, encodeNpy, safetensorsParts } from '@ood/core';
import { writeWholeFile } from '@ood/core/node';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import type { FeatureFiles } from './contract.ts';

/**
 * Writes rows for other tools: `.npy` files for the parts named, or one `.safetensors` with `features`, `labels` and,
 * where there are any, `logits`. The whole of a store: `exportFeatures(await store.readAll(), files)`.
 */
export async function exportFeatures(batch: FeatureBatch, files: FeatureFiles): Promise<void> {
  const matrix = ({ rows, cols, data }: FeatureBatch['features']): DenseArray => ({
    shape: [rows, cols],
    data,
  });
  const features = matrix(batch.features);
  const logits = batch.logits && matrix(batch.logits);
  const labels: DenseArray = { shape: [batch.labels.length], data: batch.labels };
  if (extname(files.features) === '.safetensors')
    return writeWholeFile(
      files.features,
      safetensorsParts({ arrays: { features, ...(logits && { logits }), labels } }),
    );
  await writeWholeFile(files.features, encodeNpy(features));
  if (files.logits && logits) await writeWholeFile(files.logits, encodeNpy(logits));
  if (files.labels) await writeWholeFile(files.labels, encodeNpy(labels));
}
