import type { FeatureBatch } from '../extraction/feature-batch.ts';
import type { Provenance } from '../store/provenance.ts';
import type { ColumnNames } from './columns.ts';

/** Features from a file of whatever kind, open for reading. */
export interface FeatureFile {
  readonly kind: 'store' | 'arrow' | 'npy' | 'npz' | 'safetensors' | 'parquet' | 'csv';
  readonly rows: number;
  /** Length d of a feature vector. */
  readonly dim: number;
  /** Number of logits, if there are any. */
  readonly classes?: number;
  /** Names of the columns that the numbers of a row are in, in this order, where a table has one for each. */
  readonly columns?: readonly string[];
  /** What made the features, where a store says so. */
  readonly provenance: Provenance | null;
  /** Rows `start … end − 1`. */
  readRows(start: number, end: number): Promise<FeatureBatch>;
  close(): Promise<void>;
}

export interface FeatureFileOptions {
  /** What the arrays or columns are called. Default: `features`, `logits`, `labels`, `ids`. */
  readonly columns?: ColumnNames | undefined;
}

/** A file of features (see `openFeatureFile`); logits and labels may be `.npy` files beside a `.npy` file of features. */
export interface FeatureFiles {
  readonly features: string;
  readonly logits?: string;
  readonly labels?: string;
}
