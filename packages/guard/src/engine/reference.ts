import type { Matrix } from '@ood/core';
import type { FeatureRows } from '../fit/rows.ts';
import { argmax, lengthOf } from '../vectors.ts';

/** What is usual among the training rows. */
export interface Reference {
  readonly rows: number;
  /** Mean and standard deviation of every feature, `[d]`. */
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  /** Classes that have rows, by the labels given or else the backbone's predictions; empty without both. */
  readonly classes: Int32Array;
  /** Unit-length mean of each class's l2-normalised features, `[classes.length, d]`. */
  readonly classMeans: Matrix;
  /** Share of rows whose largest logit is in the column of their label; NaN without both. */
  readonly agreement: number;
}

/** One pass over the training rows. Sums in float64. */
export async function referenceOf(
  blocks: AsyncIterable<FeatureRows> | Iterable<FeatureRows>,
): Promise<Reference> {
  let rows = 0;
  let labelled = 0;
  let agreed = 0;
  let dim = 0;
  let sum = new Float64Array();
  let squares = new Float64Array();
  const classSums = new Map<number, Float64Array>();
  for await (const { features, logits, labels } of blocks) {
    if (dim === 0) {
      dim = features.cols;
      sum = new Float64Array(dim);
      squares = new Float64Array(dim);
    }
    for (let row = 0; row < features.rows; row++) {
      const values = features.data.subarray(row * dim, (row + 1) * dim);
      const predicted = logits && argmax(logits.data.subarray(row * logits.cols, (row + 1) * logits.cols));
      const label = labels?.[row] ?? predicted;
      if (labels && predicted !== undefined) {
        labelled++;
        if (labels[row] === predicted) agreed++;
      }
      const total = label === undefined ? undefined : sumOf(classSums, label, dim);
      const norm = lengthOf(values) || 1;
      for (let i = 0; i < dim; i++) {
        const value = values[i]!;
        sum[i]! += value;
        squares[i]! += value * value;
        if (total) total[i]! += value / norm;
      }
      rows++;
    }
  }
  const classes = Int32Array.from(classSums.keys()).sort();
  const classMeans = new Float32Array(classes.length * dim);
  classes.forEach((label, i) => {
    classMeans.set(unit(classSums.get(label)!), i * dim);
  });
  const mean = Float32Array.from(sum, value => value / rows);
  return {
    rows,
    mean,
    deviation: Float32Array.from(squares, (value, i) =>
      Math.sqrt(Math.max(0, value / rows - (sum[i]! / rows) ** 2)),
    ),
    classes,
    classMeans: { rows: classes.length, cols: dim, data: classMeans },
    agreement: agreed / labelled,
  };
}

function sumOf(sums: Map<number, Float64Array>, label: number, dim: number): Float64Array {
  const found = sums.get(label) ?? new Float64Array(dim);
  sums.set(label, found);
  return found;
}

function unit(values: Float64Array): Float64Array {
  const length = lengthOf(values) || 1;
  return values.map(value => value / length);
}
