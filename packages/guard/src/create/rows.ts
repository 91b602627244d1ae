import { type Matrix, type Provenance, pickRows, type Samples, stackRows } from '@ood/features';

/** Features (and logits) of a backbone, as extracted before. */
export interface FeatureRows {
  /** `[n, d]` */
  readonly features: Matrix;
  /** `[n, classes]`; computed from the backbone's head where they are missing. */
  readonly logits?: Matrix;
  /** Class of each row; none where any is negative. */
  readonly labels?: Int32Array;
}

/** Feature rows that need not fit into memory: opened once per pass, each time the same rows in the same order. */
export interface FeatureStream {
  open(): AsyncIterable<FeatureRows> | Iterable<FeatureRows>;
  /** What made them, where that is known (`provenance` of a feature store); features of another model, layer or preprocessing are refused. */
  readonly provenance?: Pick<Provenance, 'model' | 'preprocessing'>;
}

/** ID inputs: images (or vectors) that the backbone is run on, or rows that it made before. */
export type GuardRows = Samples | FeatureRows | FeatureStream;

/** Rows extracted before, rather than samples. */
export function isExtracted(rows: GuardRows): rows is FeatureRows | FeatureStream {
  return 'features' in rows || 'open' in rows;
}

/** Extracted rows block by block. */
export function blocksOf(
  rows: FeatureRows | FeatureStream,
): AsyncIterable<FeatureRows> | Iterable<FeatureRows> {
  return 'open' in rows ? rows.open() : [rows];
}

/** How many rows there are at most, where that is known before they are read. */
export function countOf(rows: GuardRows): number | undefined {
  if ('features' in rows) return rows.features.rows;
  return 'open' in rows ? undefined : rows.length;
}

/** Those rows of a block for which `keep` holds, labels dropped where one is missing; `first` is the number of its first row. */
export function keepRows(block: FeatureRows, first: number, keep: (row: number) => boolean): FeatureRows {
  const { features, logits, labels } = block;
  const kept: number[] = [];
  for (let row = 0; row < features.rows; row++) if (keep(first + row)) kept.push(row);
  const complete = labels?.every(label => label >= 0);
  return {
    features: pickRows(features, kept),
    ...(logits && { logits: pickRows(logits, kept) }),
    ...(labels && complete && { labels: Int32Array.from(kept, row => labels[row]!) }),
  };
}

/** All rows of blocks in one. */
export function joinBlocks(blocks: readonly FeatureRows[]): FeatureRows {
  if (blocks.length === 1) return blocks[0]!;
  const stack = (parts: readonly Matrix[]) => stackRows(parts, parts[0]?.cols ?? 0);
  const features = stack(blocks.map(block => block.features));
  const logits = blocks.flatMap(block => block.logits ?? []);
  const labels = blocks.flatMap(block => (block.labels ? [...block.labels] : []));
  return {
    features,
    ...(logits.length === blocks.length && blocks.length > 0 && { logits: stack(logits) }),
    ...(labels.length === features.rows && features.rows > 0 && { labels: Int32Array.from(labels) }),
  };
}
