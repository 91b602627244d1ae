import { decodeNpy } from '@ood/core';
import { readPlainFile } from '@ood/core/node';
import {
  type ColumnNames,
  type FeatureFile,
  openFeatureFile,
  type PreprocessingSummary,
  toLabels,
} from '@ood/features';
import type { FeatureRows, FeatureStream } from '@ood/guard';
import { type Io, requireFile } from '@ood/terminal';
import { CliError } from '../../errors.ts';

/** Features extracted before, and what is known of their making. */
export interface OpenFeatures {
  readonly rows: FeatureRows | FeatureStream;
  /** Numbers in a row. */
  readonly dim: number;
  /** Names of the numbers of a row, of a table that has one column for each. */
  readonly columns?: readonly string[];
  readonly preprocessing?: PreprocessingSummary;
  close(): Promise<void>;
}

const EXPECTED = 'features: a feature store, .npy, .npz, .safetensors, Arrow, Parquet or CSV';
/** Rows of a store that are read at a time. */
const BLOCK = 4096;

export interface OpenFeaturesOptions {
  readonly columns?: ColumnNames | undefined;
  /** File of the logits of the same rows, where the features have none. */
  readonly logits?: string | undefined;
  /** `.npy` of the labels of the same rows. */
  readonly labels?: string | undefined;
}

/**
 * The features in a file of whatever kind: a feature store is streamed, and knows what made it; others are read whole.
 *
 * @throws CliError `WRONG_SHAPE` for logits or labels of other rows, `INVALID_OPTION` for a store, which has its own
 */
export async function openFeatures(
  word: string,
  io: Io,
  { columns = {}, logits, labels }: OpenFeaturesOptions = {},
): Promise<OpenFeatures> {
  const file = await openRows(await requireFile(word, io, EXPECTED), columns);
  const named = file.columns && { columns: file.columns };
  if (file.kind !== 'store') {
    try {
      const own = await rowsOf(file, 0, file.rows);
      const rows = {
        ...own,
        ...(logits !== undefined && { logits: await logitsOf(logits, own.features.rows, io) }),
        ...(labels !== undefined && { labels: await labelsOf(labels, own.features.rows, io) }),
      };
      return { rows, dim: file.dim, ...named, close: async () => {} };
    } finally {
      await file.close();
    }
  }
  if (logits !== undefined || labels !== undefined) {
    await file.close();
    throw new CliError('INVALID_OPTION', {
      where: logits === undefined ? '--labels' : '--logits',
      expected: 'features that have none',
      got: `the feature store ${word}, which keeps its own`,
      advice: 'leave it out',
    });
  }
  const { provenance } = file;
  return {
    dim: file.dim,
    rows: { open: () => blocks(file, io.signal), ...(provenance && { provenance }) },
    ...(provenance?.preprocessing && { preprocessing: provenance.preprocessing }),
    close: () => file.close(),
  };
}

async function logitsOf(word: string, rows: number, io: Io): Promise<FeatureRows['features']> {
  const file = await openFeatureFile(await requireFile(word, io, 'logits, as features'), {
    // Of an archive the array of that name; of `.npy` the only one.
    columns: { features: word.endsWith('.npz') || word.endsWith('.safetensors') ? 'logits' : undefined },
  });
  try {
    if (file.rows !== rows) throw otherRows(word, rows, file.rows);
    return (await file.readRows(0, rows)).features;
  } finally {
    await file.close();
  }
}

async function labelsOf(word: string, rows: number, io: Io): Promise<Int32Array> {
  const path = await requireFile(word, io, 'labels, .npy');
  const labels = toLabels(decodeNpy(await readPlainFile(path, { what: 'labels, .npy' }), word), word);
  if (labels.length !== rows) throw otherRows(word, rows, labels.length);
  return labels;
}

function otherRows(word: string, expected: number, got: number): CliError {
  return new CliError('WRONG_SHAPE', {
    where: word,
    expected: `${expected} rows, as in the features`,
    got: `${got}`,
    advice: 'give those of the same rows',
    details: { expected, got },
  });
}

async function rowsOf(file: FeatureFile, start: number, end: number): Promise<FeatureRows> {
  const { features, logits, labels } = await file.readRows(start, end);
  const labeled = labels.some(label => label >= 0);
  return { features, ...(logits && { logits }), ...(labeled && { labels }) };
}

async function* blocks(file: FeatureFile, signal: AbortSignal): AsyncGenerator<FeatureRows> {
  for (let start = 0; start < file.rows; start += BLOCK) {
    signal.throwIfAborted();
    yield rowsOf(file, start, Math.min(file.rows, start + BLOCK));
  }
}

/** A file of rows: of a table the columns that are named, of arrays, which have no names for their numbers, all of them. */
export async function openRows(path: string, columns: ColumnNames): Promise<FeatureFile> {
  const { features } = columns;
  if (features === undefined || typeof features === 'string' || features.length === 1)
    return openFeatureFile(path, { columns });
  const plain = await openFeatureFile(path, { columns: { ids: columns.ids, labels: columns.labels } });
  if (plain.columns === undefined) return plain;
  await plain.close();
  return openFeatureFile(path, { columns });
}
