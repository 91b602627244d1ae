import { argmaxRows } from '@ood/core';
import type { Training } from '../contract/training.ts';

/** Logits of the correctly classified rows. */
export interface CorrectLogits {
  readonly classes: number;
  /** Mean logits of each class `[classes, classes]`, row by row; zero where a class has none. */
  readonly means: Float64Array;
  /** By class. */
  readonly rows: readonly (readonly Float64Array[])[];
}

/** Logits of the correctly classified rows by class, with their means. */
export async function correctLogits(training: Training): Promise<CorrectLogits> {
  let rows: Float64Array[][] = [];
  let classes = 0;
  for await (const { logits, labels, count } of training.blocks()) {
    if (classes === 0) {
      classes = logits.cols;
      rows = Array.from({ length: classes }, () => []);
    }
    const predicted = argmaxRows(logits);
    for (let row = 0; row < count; row++) {
      if (predicted[row] !== labels[row]) continue;
      rows[labels[row]!]!.push(new Float64Array(logits.data.subarray(row * classes, (row + 1) * classes)));
    }
  }
  const means = new Float64Array(classes * classes);
  rows.forEach((own, c) => {
    for (const row of own) {
      for (let i = 0; i < classes; i++) means[c * classes + i]! += row[i]! / own.length;
    }
  });
  return { classes, means, rows };
}
