import type { Matrix } from '../backbone/backbone.ts';
import type { FeatureBatch } from './feature-batch.ts';

/** Rows `start … end − 1` of a batch, as views. */
export function sliceBatch(batch: FeatureBatch, start: number, end: number): FeatureBatch {
  if (start === 0 && end === batch.ids.length) return batch;
  const cut = ({ cols, data }: Matrix): Matrix => ({
    rows: end - start,
    cols,
    data: data.subarray(start * cols, end * cols),
  });
  return {
    features: cut(batch.features),
    ...(batch.logits && { logits: cut(batch.logits) }),
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
    features: stack(
      batches.map(batch => batch.features),
      rows,
      dim,
    ),
    ...(classes !== undefined && {
      logits: stack(
        batches.flatMap(batch => batch.logits ?? []),
        rows,
        classes,
      ),
    }),
    labels,
    ids: batches.flatMap(batch => batch.ids),
    indices,
  };
}

function stack(parts: readonly Matrix[], rows: number, cols: number): Matrix {
  const data = new Float32Array(rows * cols);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows, cols, data };
}
