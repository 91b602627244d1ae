import { createRandom, type Matrix, permutation } from '@ood/core';
import type { FeatureRows } from '../fit/rows.ts';

/** How much of what is evidently not ID is called OOD. */
export interface Power {
  /** ID rows from which the others were made. */
  readonly rows: number;
  /** Share rejected of rows whose every feature comes from another ID row: all usual values, no usual combination. */
  readonly shuffled: number;
  /** Share rejected of rows a hundred times as far from the mean, on the other side. */
  readonly reversed: number;
}

/** Distance of the reversed rows from the mean, in that of the row that they are made of. */
const FAR = 100;

/**
 * Whether a threshold can catch anything at all, from ID rows alone: a detector fitted on too little gives ID rows scores
 * that nothing else reaches. Logits of the made rows are those of the head, where there is one.
 */
export async function measurePower(
  { features, logits }: FeatureRows,
  options: {
    readonly threshold: number;
    readonly seed: number;
    /** Adds the logits of the head. */
    readonly complete: (rows: FeatureRows) => Promise<FeatureRows>;
    readonly score: (rows: FeatureRows) => Promise<ArrayLike<number>>;
    /** Whether the head's logits follow from the features. */
    readonly hasHead: boolean;
  },
): Promise<Power> {
  const { threshold, seed, complete, score, hasHead } = options;
  const share = async (change: (matrix: Matrix) => Matrix) => {
    const made = await complete({
      features: change(features),
      ...(logits && !hasHead && { logits: change(logits) }),
    });
    const scores = Array.from(await score(made));
    return scores.filter(value => !(value <= threshold)).length / scores.length;
  };
  return {
    rows: features.rows,
    shuffled: await share(matrix => shuffleColumns(matrix, seed)),
    reversed: await share(reverse),
  };
}

function shuffleColumns({ rows, cols, data }: Matrix, seed: number): Matrix {
  const out = new Float32Array(rows * cols);
  const random = createRandom(seed, 'power');
  for (let col = 0; col < cols; col++) {
    const order = permutation(rows, random);
    for (let row = 0; row < rows; row++) out[row * cols + col] = data[order[row]! * cols + col]!;
  }
  return { rows, cols, data: out };
}

function reverse({ rows, cols, data }: Matrix): Matrix {
  const mean = new Float64Array(cols);
  data.forEach((value, i) => {
    mean[i % cols]! += value / rows;
  });
  return {
    rows,
    cols,
    data: Float32Array.from(data, (value, i) => mean[i % cols]! * (1 + FAR) - FAR * value),
  };
}
