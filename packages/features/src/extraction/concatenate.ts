import { sliceRows, stackRows } from '@ood/core';
import { type FeatureBatch, mapExtra } from './feature-batch.ts';

/** Rows `start … end − 1` of a batch, as views. */
export function sliceBatch(batch: FeatureBatch, start: number, end: number): FeatureBatch {
  if (start === 0 && end === batch.ids.length) return batch;
  return {
    features: sliceRows(batch.features, start, end),
    ...(batch.logits && { logits: sliceRows(batch.logits, start, end) }),
    ...(batch.extra && { extra: mapExtra(batch.extra, matrix => sliceRows(matrix, start, end)) }),
    labels: batch.labels.subarray(start, end),
    ids: batch.ids.slice(start, end),
    indices: batch.indices.subarray(start, end),
  };
}

/** The rows of several batches as one. `dim` and `classes` decide the shape where there are none. */
export function concatenateBatches(
  batches: readonly FeatureBatch[],
  { dim, classes }: { readonly dim: number; readonly classes?: number | undefined },
): FeatureBatch {
  if (batches.length === 1) return batches[0]!;
  const rows = batches.reduce((sum, batch) => sum + batch.ids.length, 0);
  const labels = new Int32Array(rows);
  const indices = new Float64Array(rows);
  let at = 0;
  for (const batch of batches) {
    labels.set(batch.labels, at);
    indices.set(batch.indices, at);
    at += batch.ids.length;
  }
  return {
    features: stackRows(
      batches.map(batch => batch.features),
      dim,
    ),
    ...(classes !== undefined && {
      logits: stackRows(
        batches.flatMap(batch => batch.logits ?? []),
        classes,
      ),
    }),
    ...(batches[0]?.extra && {
      extra: mapExtra(batches[0].extra, ({ cols }, name) =>
        stackRows(
          batches.flatMap(batch => batch.extra?.[name] ?? []),
          cols,
        ),
      ),
    }),
    labels,
    ids: batches.flatMap(batch => batch.ids),
    indices,
  };
}
