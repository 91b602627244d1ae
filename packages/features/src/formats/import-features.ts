import { extname } from 'node:path';
import { FeaturesError } from '../errors.ts';
import { sliceBatch } from '../extraction/concatenate.ts';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import type { StoredElement } from '../store/arrow/layout.ts';
import { createFeatureStore } from '../store/store-writer.ts';
import { type NumericArray, toLabels, toMatrix } from './array.ts';
import { openNpy } from './npy.ts';
import { readSafetensors } from './safetensors.ts';

/** Files of equal row counts, `.npy`; or one `.safetensors` with tensors `features`, `logits`, `labels`. */
export interface FeatureFiles {
  readonly features: string;
  readonly logits?: string;
  readonly labels?: string;
}

export interface ImportOptions {
  readonly element?: StoredElement;
  readonly signal?: AbortSignal;
}

/**
 * Copies features that something else made (from `.npy` or `.safetensors`) into a feature store without provenance;
 * `.npy` in bounded memory. Ids are the row numbers. Returns the number of rows.
 *
 * @throws FeaturesError NON_FINITE_FEATURES naming the first bad row; SAMPLE_INVALID if the files' rows differ; as the readers
 */
export async function importFeatures(
  path: string,
  files: FeatureFiles,
  { element = 'float32', signal }: ImportOptions = {},
): Promise<number> {
  const source =
    extname(files.features) === '.safetensors' ? await fromSafetensors(files.features) : await fromNpy(files);
  if (source.rows === 0) {
    await source.close();
    throw new FeaturesError('EMPTY_INPUT', `${files.features}: expected rows, got none; check the file`, {
      path: files.features,
    });
  }
  const writer = await createFeatureStore(path, {
    layout: { dim: source.dim, classes: source.classes, element },
    provenance: null,
  }).catch(async error => {
    await source.close();
    throw error;
  });
  try {
    for (let start = 0; start < source.rows; start += ROWS) {
      signal?.throwIfAborted();
      await writer.append(
        checkFinite(files.features, await source.read(start, Math.min(source.rows, start + ROWS))),
      );
    }
    await writer.finish();
    return source.rows;
  } finally {
    await source.close();
    await writer.close();
  }
}

const ROWS = 1024;

interface Source {
  readonly rows: number;
  readonly dim: number;
  readonly classes: number | undefined;
  read(start: number, end: number): Promise<FeatureBatch>;
  close(): Promise<void>;
}

async function fromNpy({ features, logits, labels }: FeatureFiles): Promise<Source> {
  const paths = [features, logits, labels];
  const files = await Promise.all(paths.map(path => path && openNpy(path)));
  const rows = (files[0] || undefined)?.dims[0] ?? 0;
  const width = (file: (typeof files)[number]) =>
    file ? file.dims.slice(1).reduce((a, b) => a * b, 1) : undefined;
  const close = async () => {
    for (const file of files) if (file) await file.close();
  };
  for (const [i, file] of files.entries())
    if (file && file.dims[0] !== rows) {
      await close();
      throw differentRows(paths[i]!, rows, file.dims[0]);
    }
  return {
    rows,
    dim: width(files[0])!,
    classes: width(files[1]),
    async read(start, end) {
      const [f, z, y] = await Promise.all(files.map(file => (file ? file.readRows(start, end) : undefined)));
      return batchOf(features, f!, z, y, start);
    },
    close,
  };
}

async function fromSafetensors(path: string): Promise<Source> {
  const { tensors } = await readSafetensors(path);
  const { features, logits, labels } = tensors;
  if (!features)
    throw new FeaturesError(
      'SAMPLE_INVALID',
      `${path}: expected a tensor named 'features', got ${Object.keys(tensors).join(', ') || 'none'}; rename it`,
      { path, names: Object.keys(tensors) },
    );
  const whole = batchOf(path, features, logits, labels, 0);
  const rows = whole.features.rows;
  for (const array of [logits, labels])
    if (array && array.dims[0] !== rows) throw differentRows(path, rows, array.dims[0]);
  return {
    rows,
    dim: whole.features.cols,
    classes: whole.logits?.cols,
    read: async (start, end) => sliceBatch(whole, start, end),
    close: async () => undefined,
  };
}

function batchOf(
  where: string,
  features: NumericArray,
  logits: NumericArray | undefined,
  labels: NumericArray | undefined,
  start: number,
): FeatureBatch {
  const matrix = toMatrix(features, where);
  const positions = Array.from({ length: matrix.rows }, (_, i) => start + i);
  return {
    features: matrix,
    ...(logits && { logits: toMatrix(logits, where) }),
    labels: labels ? toLabels(labels, where) : new Int32Array(matrix.rows).fill(-1),
    ids: positions.map(String),
    indices: Float64Array.from(positions),
  };
}

function checkFinite(path: string, batch: FeatureBatch): FeatureBatch {
  for (const matrix of [batch.features, batch.logits]) {
    const at = matrix?.data.findIndex(value => !Number.isFinite(value)) ?? -1;
    if (at < 0) continue;
    const row = batch.indices[Math.floor(at / matrix!.cols)];
    throw new FeaturesError(
      'NON_FINITE_FEATURES',
      `${path}: expected finite values, got ${matrix!.data[at]} in row ${row}; remove the row`,
      { path, row },
    );
  }
  return batch;
}

function differentRows(path: string, expected: number, got: number | undefined): FeaturesError {
  return new FeaturesError(
    'SAMPLE_INVALID',
    `${path}: expected ${expected} rows like the features, got ${got}; check the files`,
    {
      path,
      expected,
      got,
    },
  );
}
