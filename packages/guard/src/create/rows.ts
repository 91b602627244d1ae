import type { Provenance, Samples } from '@ood/features';

/** Features (and logits) of a backbone, as extracted before. */
export interface FeatureRows {
  /** `[n, d]` */
  readonly features: { readonly rows: number; readonly cols: number; readonly data: Float32Array };
  /** `[n, classes]`; computed from the backbone's head where they are missing. */
  readonly logits?: { readonly rows: number; readonly cols: number; readonly data: Float32Array };
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
export function pickRows(block: FeatureRows, first: number, keep: (row: number) => boolean): FeatureRows {
  const kept: number[] = [];
  for (let row = 0; row < block.features.rows; row++) if (keep(first + row)) kept.push(row);
  const pick = ({ cols, data }: FeatureRows['features']): FeatureRows['features'] => {
    const out = new Float32Array(kept.length * cols);
    kept.forEach((row, i) => {
      out.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
    });
    return { rows: kept.length, cols, data: out };
  };
  const { features, logits, labels } = block;
  const complete = labels?.every(label => label >= 0);
  return {
    features: kept.length === features.rows ? features : pick(features),
    ...(logits && { logits: kept.length === features.rows ? logits : pick(logits) }),
    ...(labels && complete && { labels: Int32Array.from(kept, row => labels[row]!) }),
  };
}

/** All rows of blocks in one. */
export function stackRows(blocks: readonly FeatureRows[]): FeatureRows {
  const stack = (parts: readonly FeatureRows['features'][]): FeatureRows['features'] => {
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const cols = parts[0]?.cols ?? 0;
    const data = new Float32Array(rows * cols);
    let at = 0;
    for (const part of parts) {
      data.set(part.data, at);
      at += part.data.length;
    }
    return { rows, cols, data };
  };
  if (blocks.length === 1) return blocks[0]!;
  const logits = blocks.flatMap(block => block.logits ?? []);
  const labels = blocks.flatMap(block => (block.labels ? [...block.labels] : []));
  const features = stack(blocks.map(block => block.features));
  return {
    features,
    ...(logits.length === blocks.length && blocks.length > 0 && { logits: stack(logits) }),
    ...(labels.length === features.rows && features.rows > 0 && { labels: Int32Array.from(labels) }),
  };
}
