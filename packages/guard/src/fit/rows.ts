import { type Matrix, pickRows, stackRows } from '@ood/core';
import type { Provenance, Samples } from '@ood/features';

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
  readonly provenance?: Pick<Provenance, 'model' | 'preprocessing' | 'classNames'>;
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

/** Those rows of a block that are wanted, in their order, labels dropped where one is missing. */
export function keepRows(block: FeatureRows, wanted: readonly number[]): FeatureRows {
  const { features, logits, labels } = block;
  const complete = labels?.every(label => label >= 0);
  return {
    features: pickRows(features, wanted),
    ...(logits && { logits: pickRows(logits, wanted) }),
    ...(labels && complete && { labels: Int32Array.from(wanted, row => labels[row]!) }),
  };
}

/** All rows of blocks in one. */
export function joinBlocks(blocks: readonly FeatureRows[]): FeatureRows {
  const [first] = blocks;
  if (first && blocks.length === 1) return first;
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
