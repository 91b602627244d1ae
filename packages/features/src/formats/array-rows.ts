import { type DenseArray, decodeNpy, decodeSafetensors, isOodError } from '@ood/core';
import { readPlainFile } from '@ood/core/node';
import { type UnzipFileInfo, unzipSync } from 'fflate';
import { FeaturesError } from '../errors.ts';
import { sliceBatch } from '../extraction/concatenate.ts';
import type { FeatureBatch } from '../extraction/feature-batch.ts';
import { type ColumnNames, chooseColumns } from './columns.ts';
import type { FeatureFile, FeatureFiles } from './contract.ts';
import { toLabels, toMatrix } from './rows-of.ts';

/** Most bytes that the arrays of an archive may have when unpacked. */
const MOST_UNPACKED = 2 ** 32;

/** The features of a `.safetensors` file. @throws as `openFeatureFile` */
export async function openSafetensors(path: string, columns?: ColumnNames): Promise<FeatureFile> {
  const { arrays } = decodeSafetensors(await readPlainFile(path, { what: 'a .safetensors file' }), path);
  return fromArrays(path, 'safetensors', arrays, columns);
}

/** The features of a `.npz` archive of numpy. @throws as `openFeatureFile` */
export async function openNpz(path: string, columns?: ColumnNames): Promise<FeatureFile> {
  const files = unzip(path, await readPlainFile(path, { what: 'a .npz file' }));
  const arrays: Record<string, DenseArray> = Object.create(null);
  for (const [name, bytes] of Object.entries(files))
    if (name.endsWith('.npy')) arrays[name.slice(0, -4)] = decodeNpy(bytes, `${path}, ${name}`);
  return fromArrays(path, 'npz', arrays, columns);
}

/** Rows of arrays of equal lengths. */
export function batchOfArrays(
  paths: FeatureFiles,
  { features, logits, labels }: Readonly<Record<'features' | 'logits' | 'labels', DenseArray | undefined>>,
): FeatureBatch {
  const { features: main, logits: logitsPath = main, labels: labelsPath = main } = paths;
  const where = { features: main, logits: logitsPath, labels: labelsPath };
  const matrix = toMatrix(features!, where.features);
  for (const [part, array] of [
    ['logits', logits],
    ['labels', labels],
  ] as const)
    if (array && array.shape[0] !== matrix.rows)
      throw differentRows(where[part], matrix.rows, array.shape[0]);
  const positions = Array.from({ length: matrix.rows }, (_, i) => i);
  return {
    features: matrix,
    ...(logits && { logits: toMatrix(logits, where.logits) }),
    labels: labels ? toLabels(labels, where.labels) : new Int32Array(matrix.rows).fill(-1),
    ids: positions.map(String),
    indices: Float64Array.from(positions),
  };
}

/** The error for files or columns of unequal lengths. */
export function differentRows(where: string, expected: number, got: number | undefined): FeaturesError {
  return new FeaturesError('WRONG_SHAPE', {
    where,
    expected: `${expected} rows like the features`,
    got: String(got ?? 'a scalar'),
    advice: 'check that they are of the same samples',
    details: { path: where, expected, got },
  });
}

/** Rows that are in memory as a file that is read piece by piece. */
export function inMemory(kind: FeatureFile['kind'], batch: FeatureBatch): FeatureFile {
  return {
    kind,
    rows: batch.ids.length,
    dim: batch.features.cols,
    ...(batch.logits && { classes: batch.logits.cols }),
    provenance: null,
    readRows: async (start, end) => sliceBatch(batch, start, end),
    close: async () => undefined,
  };
}

function fromArrays(
  path: string,
  kind: FeatureFile['kind'],
  arrays: Readonly<Record<string, DenseArray>>,
  columns?: ColumnNames,
): FeatureFile {
  const names = chooseColumns(path, Object.keys(arrays), columns);
  const pick = (name: string | undefined) => (name === undefined ? undefined : arrays[name]);
  const { features, logits, labels } = names;
  return inMemory(
    kind,
    batchOfArrays(
      { features: path },
      { features: pick(features), logits: pick(logits), labels: pick(labels) },
    ),
  );
}

function unzip(path: string, bytes: Uint8Array): Record<string, Uint8Array> {
  let unpacked = 0;
  const filter = ({ name, originalSize }: UnzipFileInfo) => {
    if (!name.endsWith('.npy')) return false;
    unpacked += originalSize;
    if (unpacked <= MOST_UNPACKED) return true;
    throw new FeaturesError('TOO_LARGE', {
      where: path,
      expected: `at most ${MOST_UNPACKED} bytes of arrays`,
      got: 'an archive that says it holds more',
      advice: 'save the features as .npy, which is read piece by piece',
      details: { path, limit: MOST_UNPACKED },
    });
  };
  try {
    return unzipSync(bytes, { filter });
  } catch (cause) {
    if (isOodError(cause)) throw cause;
    throw new FeaturesError('CORRUPT_FILE', {
      where: path,
      expected: 'an archive as numpy.savez writes it',
      got: `one that does not unpack (${cause instanceof Error ? cause.message : cause})`,
      advice: 'save it again with numpy.savez',
      details: { path },
      cause,
    });
  }
}
