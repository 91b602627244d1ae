import { requireDirections } from '../contract/require-directions.ts';
import type { Training } from '../contract/training.ts';
import type { GramSum } from '../linear-algebra/gram-sum.ts';
import { inverseNorm } from '../linear-algebra/inverse-norm.ts';
import type { Products } from '../linear-algebra/products.ts';

/** First and second moments of all rows and of classes. */
export interface Moments {
  readonly dim: number;
  readonly rows: number;
  /** Mean of all rows `[d]`. */
  readonly mean: Float64Array;
  /** Rows of each class that has any, by label. */
  readonly counts: ReadonlyMap<number, number>;
  /** Means of those classes `[classes, d]`, in the order of `counts`. */
  readonly means: Float64Array;
  /** Covariance of all rows around their mean `[d, d]`, divisor n. */
  total(): Float64Array;
  /** Tied covariance within classes `[d, d]`, divisor n. */
  within(): Promise<Float64Array>;
}

export interface MomentsOptions {
  /** Divide rows by their norm first. Default false. */
  readonly normalize?: boolean;
  readonly products: Products;
}

/**
 * Moments of the features in one pass over the rows: memory grows with d² and the number of classes, not with the rows.
 *
 * Sums run in float64 around the mean of the first block, so that a large common offset costs no digits.
 */
export async function momentsOf(
  training: Training,
  { normalize = false, products }: MomentsOptions,
): Promise<Moments> {
  let origin: Float64Array = new Float64Array(0);
  let dim = 0;
  let rows = 0;
  let scatters: GramSum | undefined;
  let buffer = new Float64Array(0);
  const classSums = new Map<number, { count: number; sum: Float64Array }>();
  for await (const { features, labels, count } of training.blocks()) {
    if (buffer.length < features.data.length) buffer = new Float64Array(features.data.length);
    const centered = buffer.subarray(0, features.data.length);
    if (rows === 0) {
      dim = features.cols;
      if (normalize) requireDirections(training.where, dim);
      scatters = products.gramSum(dim);
      const zero = new Float64Array(dim);
      const sum = new Float64Array(dim);
      for (let row = 0; row < count; row++)
        centerRow(features.data, row, { normalize, origin: zero, centered, sum });
      origin = sum.map(value => value / count);
    }
    for (let row = 0; row < count; row++) {
      const label = labels.length > 0 ? labels[row] : 0;
      let own = classSums.get(label!);
      if (own === undefined) classSums.set(label!, (own = { count: 0, sum: new Float64Array(dim) }));
      own.count++;
      centerRow(features.data, row, { normalize, origin, centered, sum: own.sum });
    }
    await scatters!.add(centered, count);
    rows += count;
  }
  const scatter = scatters!.total();
  const classes = [...classSums].sort(([a], [b]) => a - b);
  const offset = new Float64Array(dim);
  for (const [, { sum }] of classes) for (let i = 0; i < dim; i++) offset[i]! += sum[i]! / rows;
  const means = new Float64Array(classes.length * dim);
  classes.forEach(([, { count, sum }], c) => {
    for (let i = 0; i < dim; i++) means[c * dim + i] = origin[i]! + sum[i]! / count;
  });
  return {
    dim,
    rows,
    mean: offset.map((value, i) => value + origin[i]!),
    counts: new Map(classes.map(([label, { count }]) => [label, count])),
    means,
    total: () => {
      const result = new Float64Array(dim * dim);
      for (let i = 0; i < dim; i++) {
        for (let j = 0; j < dim; j++)
          result[i * dim + j] = scatter[i * dim + j]! / rows - offset[i]! * offset[j]!;
      }
      return result;
    },
    within: async () => {
      const scaled = new Float64Array(classes.length * dim);
      classes.forEach(([, { count, sum }], c) => {
        for (let i = 0; i < dim; i++) scaled[c * dim + i] = sum[i]! / Math.sqrt(count * rows);
      });
      const between = await products.gram(scaled, classes.length);
      return scatter.map((value, i) => value / rows - between[i]!);
    },
  };
}

interface Centering {
  readonly normalize: boolean;
  readonly origin: Float64Array;
  /** Receives the row. */
  readonly centered: Float64Array;
  /** What the row is added to. */
  readonly sum: Float64Array;
}

/** A row, divided by its norm if wanted, around an origin. Apart from the loop over blocks, because closures would slow it down. */
function centerRow(
  data: Float32Array | Float64Array,
  row: number,
  { normalize, origin, centered, sum }: Centering,
): void {
  const dim = origin.length;
  const start = row * dim;
  const scale = normalize ? inverseNorm(data, start, start + dim) : 1;
  for (let i = 0, at = start; i < dim; i++, at++) {
    const value = data[at]! * scale - origin[i]!;
    centered[at] = value;
    sum[i]! += value;
  }
}
