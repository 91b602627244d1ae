import { requireFiniteRows, requireOption, text, throwIfAborted } from '@ood/core';
import { FeaturesError } from '../errors.ts';
import type { StoredElement } from '../store/arrow/layout.ts';
import { createFeatureStore } from '../store/open-writer.ts';
import type { FeatureFile, FeatureFileOptions, FeatureFiles } from './contract.ts';
import { openFeatureFile } from './feature-file.ts';
import { openNpyFiles } from './npy-rows.ts';

export interface ImportOptions extends FeatureFileOptions {
  readonly element?: StoredElement;
  readonly signal?: AbortSignal;
}

const ROWS = 1024;

/**
 * Copies features that something else made into a feature store without provenance. Ids are those of the file, else the row
 * numbers. Returns the number of rows.
 *
 * @throws CoreError INVALID_OPTION without the files; NON_FINITE naming the first bad row; FeaturesError EMPTY_INPUT; as `openFeatureFile`
 */
export async function importFeatures(
  path: string,
  files: FeatureFiles,
  { element = 'float32', signal, columns }: ImportOptions = {},
): Promise<number> {
  requireOption('importFeatures', 'path', path, text);
  requireOption('importFeatures', 'files', files?.features, [
    text[0],
    "the files to import: { features: 'features.npy' }, and perhaps logits and labels",
  ]);
  const several = files.logits !== undefined || files.labels !== undefined;
  const source = several ? await openNpyFiles(files) : await openFeatureFile(files.features, { columns });
  try {
    await copyRows(path, files, source, { element, signal });
    return source.rows;
  } finally {
    await source.close();
  }
}

async function copyRows(
  path: string,
  files: FeatureFiles,
  source: FeatureFile,
  { element, signal }: { readonly element: StoredElement; readonly signal: AbortSignal | undefined },
): Promise<void> {
  if (source.rows === 0 || source.dim === 0)
    throw new FeaturesError('EMPTY_INPUT', {
      where: files.features,
      expected: 'rows of features',
      got: `a matrix of ${source.rows} × ${source.dim}`,
      advice: 'check the file',
      details: { path: files.features },
    });
  const layout = { dim: source.dim, classes: source.classes, element };
  const writer = await createFeatureStore(path, { layout, provenance: null });
  try {
    for (let start = 0; start < source.rows; start += ROWS) {
      throwIfAborted('importFeatures', signal);
      const batch = await source.readRows(start, Math.min(source.rows, start + ROWS));
      requireFiniteRows(files.features, 'features', batch.features, start);
      if (batch.logits) requireFiniteRows(files.logits ?? files.features, 'logits', batch.logits, start);
      await writer.append(batch);
    }
    await writer.finish();
  } finally {
    await writer.close();
  }
}
