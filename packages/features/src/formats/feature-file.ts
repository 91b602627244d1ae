import { openPlainFile } from '@ood/core/node';
import { FeaturesError } from '../errors.ts';
import { isFeatureStore, openFeatureStore } from '../store/feature-store.ts';
import { openNpz, openSafetensors } from './array-rows.ts';
import { openForeignArrow } from './arrow-rows.ts';
import type { FeatureFile, FeatureFileOptions } from './contract.ts';
import { openCsv } from './csv-rows.ts';
import { openNpyFiles } from './npy-rows.ts';
import { openParquet } from './parquet-rows.ts';

/**
 * Opens features that were made before, recognized by content: a feature store, `.npy` (features alone), `.npz`, `.safetensors`, an
 * Arrow file of polars, pandas or pyarrow, a Parquet file, or a table of text (CSV). Stores, `.npy` and Parquet are read piece by
 * piece, others whole.
 *
 * @throws FeaturesError FOREIGN_FILE for another kind of file, INVALID_OPTION listing the names there are, WRONG_SHAPE,
 *   INVALID_VALUE, UNSUPPORTED, CORRUPT_FILE, TOO_LARGE; CoreError as `openPlainFile`
 */
export async function openFeatureFile(path: string, options: FeatureFileOptions = {}): Promise<FeatureFile> {
  const { columns } = options;
  const start = await firstBytes(path);
  const starts = (text: string) => [...text].every((char, i) => start[i] === char.charCodeAt(0));
  if (starts('ARROW1')) {
    if (!(await isFeatureStore(path))) return openForeignArrow(path, columns);
    const store = await openFeatureStore(path);
    return { kind: 'store', ...store };
  }
  if (starts('\x93NUMPY')) return openNpyFiles({ features: path });
  if (starts('PK')) return openNpz(path, columns);
  if (starts('PAR1')) return openParquet(path, columns);
  // A length, then a JSON object.
  if (start[8] === 0x7b && start[7] === 0) return openSafetensors(path, columns);
  if (isText(start)) return openCsv(path, start, columns);
  throw new FeaturesError('FOREIGN_FILE', {
    where: path,
    expected: 'features: a feature store, .npy, .npz, .safetensors, Arrow, Parquet or CSV',
    got: nameOf(starts),
    advice: 'save them with numpy.save as a matrix [rows, d]',
    details: { path },
  });
}

/** Bytes by which a kind of file is told, and the separator of a table. */
const START = 1 << 16;

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await openPlainFile(path, { what: 'a file of features' });
  try {
    return await file.read(0, Math.min(START, file.size));
  } finally {
    await file.close();
  }
}

/** Whether bytes are the beginning of a text, in UTF-8. */
function isText(start: Uint8Array): boolean {
  if (start.length === 0 || start.some(byte => byte < 0x20 && ![0x09, 0x0a, 0x0d].includes(byte)))
    return false;
  try {
    // The last character may be cut.
    new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function nameOf(starts: (text: string) => boolean): string {
  if (starts('\x89HDF')) return 'an HDF5 file';
  if (starts('\x80')) return 'a pickle';
  return 'another kind of file';
}
