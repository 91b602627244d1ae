import {
  type ColumnNames,
  type FeatureFile,
  openFeatureFile,
  type PreprocessingSummary,
} from '@ood/features';
import type { FeatureRows, FeatureStream } from '@ood/guard';
import { type Io, requireFile } from '@ood/terminal';

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

/** The features in a file of whatever kind: a feature store is streamed, and knows what made it; others are read whole. */
export async function openFeatures(word: string, io: Io, columns: ColumnNames = {}): Promise<OpenFeatures> {
  const file = await openFeatureFile(await requireFile(word, io, EXPECTED), { columns });
  const named = file.columns && { columns: file.columns };
  if (file.kind !== 'store') {
    try {
      return { rows: await rowsOf(file, 0, file.rows), dim: file.dim, ...named, close: async () => {} };
    } finally {
      await file.close();
    }
  }
  const { provenance } = file;
  return {
    dim: file.dim,
    rows: { open: () => blocks(file, io.signal), ...(provenance && { provenance }) },
    ...(provenance?.preprocessing && { preprocessing: provenance.preprocessing }),
    close: () => file.close(),
  };
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
