import { extname } from 'node:path';
import { elementCount } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import { sliceBatch } from '../extraction/concatenate.ts';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import type { StoredElement } from '../store/arrow/layout.ts';
import { createFeatureStore } from '../store/open-writer.ts';
import { type NumericArray, scalar, toLabels, toMatrix } from './array.ts';
import { type NpyFile, openNpy } from './npy.ts';
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
 * @throws FeaturesError NON_FINITE naming the first bad row; SAMPLE_INVALID if the files' rows differ; as the readers
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
    throw new FeaturesError('EMPTY_INPUT', {
      where: files.features,
      expected: 'rows',
      got: 'none',
      advice: 'check the file',
      details: {
        path: files.features,
      },
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
      await writer.append(checkFinite(files, await source.read(start, Math.min(source.rows, start + ROWS))));
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

async function fromNpy(paths: FeatureFiles): Promise<Source> {
  const opened: NpyFile[] = [];
  const close = async () => {
    for (const file of opened) await file.close();
  };
  const openOne = async (path: string | undefined) => {
    if (path === undefined) return undefined;
    const file = await openNpy(path);
    opened.push(file);
    return file;
  };
  try {
    const features = (await openOne(paths.features))!;
    const logits = await openOne(paths.logits);
    const labels = await openOne(paths.labels);
    const [rows] = features.dims;
    if (rows === undefined) throw scalar(paths.features);
    for (const [path, file] of [
      [paths.logits, logits],
      [paths.labels, labels],
    ] as const)
      if (file && file.dims[0] !== rows) throw differentRows(path!, rows, file.dims[0]);
    const width = ({ dims }: NpyFile) => elementCount(dims.slice(1));
    return {
      rows,
      dim: width(features),
      classes: logits && width(logits),
      async read(start, end) {
        const arrays = {
          features: await features.readRows(start, end),
          logits: await logits?.readRows(start, end),
          labels: await labels?.readRows(start, end),
        };
        return batchOf(paths, arrays, start);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function fromSafetensors(path: string): Promise<Source> {
  const { tensors } = await readSafetensors(path);
  const { features, logits, labels } = tensors;
  if (!features)
    throw new FeaturesError('SAMPLE_INVALID', {
      where: path,
      expected: "a tensor named 'features'",
      got: Object.keys(tensors).join(', ') || 'none',
      advice: 'rename it',
      details: { path, names: Object.keys(tensors) },
    });
  const [rows = 0] = features.dims;
  for (const array of [logits, labels])
    if (array && array.dims[0] !== rows) throw differentRows(path, rows, array.dims[0]);
  const whole = batchOf({ features: path }, { features, logits, labels }, 0);
  return {
    rows,
    dim: whole.features.cols,
    classes: whole.logits?.cols,
    read: async (start, end) => sliceBatch(whole, start, end),
    close: async () => undefined,
  };
}

/** Rows as a batch; errors name the file of the array, or the one file of all. */
function batchOf(
  paths: FeatureFiles,
  { features, logits, labels }: Readonly<Record<keyof FeatureFiles, NumericArray | undefined>>,
  start: number,
): FeatureBatch {
  const matrix = toMatrix(features!, paths.features);
  const positions = Array.from({ length: matrix.rows }, (_, i) => start + i);
  return {
    features: matrix,
    ...(logits && { logits: toMatrix(logits, paths.logits ?? paths.features) }),
    labels: labels ? toLabels(labels, paths.labels ?? paths.features) : new Int32Array(matrix.rows).fill(-1),
    ids: positions.map(String),
    indices: Float64Array.from(positions),
  };
}

function checkFinite(paths: FeatureFiles, batch: FeatureBatch): FeatureBatch {
  for (const column of ['features', 'logits'] as const) {
    const matrix = batch[column];
    const at = matrix?.data.findIndex(value => !Number.isFinite(value)) ?? -1;
    if (!matrix || at < 0) continue;
    const path = paths[column] ?? paths.features;
    const row = batch.indices[Math.floor(at / matrix.cols)];
    throw new FeaturesError('NON_FINITE', {
      where: path,
      expected: `finite ${column} in the range of float32`,
      got: `${matrix.data[at]} in row ${row}`,
      advice: 'remove the row',
      details: { path, row },
    });
  }
  return batch;
}

function differentRows(path: string, expected: number, got: number | undefined): FeaturesError {
  return new FeaturesError('SAMPLE_INVALID', {
    where: path,
    expected: `${expected} rows like the features`,
    got: `${got}`,
    advice: 'check the files',
    details: {
      path,
      expected,
      got,
    },
  });
}
