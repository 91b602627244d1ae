import { argmaxRows } from '@ood/core';
import type { Block, Training } from '../contract/training.ts';

/** Sums of rows by group. */
export interface GroupMeans {
  readonly dim: number;
  /** Rows in each group `[groups]`. */
  readonly counts: Float64Array;
  /** `[groups, d]`; zero where a group has no rows. */
  readonly means: Float64Array;
}

/** Mean of all features `[d]`. */
export async function featureMean(training: Training): Promise<Float64Array> {
  const { means } = await groupMeans(training, 1, () => 0);
  return means;
}

/** Means of the features of the rows of each group; a row whose group is −1 counts nowhere. */
export async function groupMeans(
  training: Training,
  groups: number,
  groupOf: (block: Block, row: number, predicted: Int32Array) => number,
): Promise<GroupMeans> {
  let dim = 0;
  let means = new Float64Array(0);
  const counts = new Float64Array(groups);
  for await (const block of training.blocks()) {
    const { features, logits, count } = block;
    if (dim === 0) {
      dim = features.cols;
      means = new Float64Array(groups * dim);
    }
    const predicted = argmaxRows(logits);
    for (let row = 0; row < count; row++) {
      const group = groupOf(block, row, predicted);
      if (group < 0) continue;
      counts[group]!++;
      for (let i = 0, at = row * dim, to = group * dim; i < dim; i++) means[to++]! += features.data[at++]!;
    }
  }
  for (let at = 0; at < means.length; at++) means[at]! /= Math.max(1, counts[Math.floor(at / dim)]!);
  return { dim, counts, means };
}
