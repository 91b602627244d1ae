import type { Training } from '../contract/training.ts';
import { normaliseRows } from '../linear-algebra/normalise-rows.ts';
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
  readonly normalise?: boolean;
  readonly products: Products;
}

/**
 * Moments of the features in one pass over the rows: memory grows with d² and the number of classes, not with the rows.
 *
 * Sums run in float64 around the mean of the first block, so that a large common offset costs no digits.
 */
export async function momentsOf(
  training: Training,
  { normalise = false, products }: MomentsOptions,
): Promise<Moments> {
  let origin: Float64Array = new Float64Array(0);
  let dim = 0;
  let rows = 0;
  let scatter = new Float64Array(0);
  const classSums = new Map<number, { count: number; sum: Float64Array }>();
  for await (const { features, labels, count } of training.blocks()) {
    const centred = normalise ? normaliseRows(features).data : new Float64Array(features.data);
    if (rows === 0) {
      dim = features.cols;
      origin = columnMeans(centred, dim);
      scatter = new Float64Array(dim * dim);
    }
    for (let row = 0; row < count; row++) {
      const label = labels.length > 0 ? labels[row] : 0;
      let own = classSums.get(label);
      if (own === undefined) classSums.set(label, (own = { count: 0, sum: new Float64Array(dim) }));
      own.count++;
      centreRow(centred, row * dim, origin, own.sum);
    }
    const gram = await products.transposedMultiply(centred, centred, count);
    for (let i = 0; i < gram.length; i++) scatter[i] += gram[i];
    rows += count;
  }
  const classes = [...classSums].sort(([a], [b]) => a - b);
  const offset = new Float64Array(dim);
  for (const [, { sum }] of classes) for (let i = 0; i < dim; i++) offset[i] += sum[i] / rows;
  const means = new Float64Array(classes.length * dim);
  classes.forEach(([, { count, sum }], c) => {
    for (let i = 0; i < dim; i++) means[c * dim + i] = origin[i] + sum[i] / count;
  });
  return {
    dim,
    rows,
    mean: offset.map((value, i) => value + origin[i]),
    counts: new Map(classes.map(([label, { count }]) => [label, count])),
    means,
    total: () => {
      const result = new Float64Array(dim * dim);
      for (let i = 0; i < dim; i++) {
        for (let j = 0; j < dim; j++)
          result[i * dim + j] = scatter[i * dim + j] / rows - offset[i] * offset[j];
      }
      return result;
    },
    within: async () => {
      const scaled = new Float64Array(classes.length * dim);
      classes.forEach(([, { count, sum }], c) => {
        for (let i = 0; i < dim; i++) scaled[c * dim + i] = sum[i] / Math.sqrt(count * rows);
      });
      const between = await products.transposedMultiply(scaled, scaled, classes.length);
      return scatter.map((value, i) => value / rows - between[i]);
    },
  };
}

/** Apart from the loop over blocks, because closures over these arrays would slow it down. */
function centreRow(data: Float64Array, start: number, origin: Float64Array, sum: Float64Array): void {
  for (let i = 0, at = start; i < origin.length; i++, at++) {
    const value = data[at] - origin[i];
    data[at] = value;
    sum[i] += value;
  }
}

function columnMeans(data: Float64Array, dim: number): Float64Array {
  const means = new Float64Array(dim);
  const rows = data.length / dim;
  for (let at = 0; at < data.length; at++) means[at % dim] += data[at] / rows;
  return means;
}
