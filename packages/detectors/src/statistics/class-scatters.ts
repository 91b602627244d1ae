import { unitRows } from '@ood/core';
import type { Training } from '../contract/training.ts';
import type { Products } from '../linear-algebra/products.ts';
import type { Moments } from './moments.ts';

export interface Scatter {
  readonly scatter: Float64Array;
  readonly count: number;
  /** Mean fourth power of the norm of the centered rows. */
  readonly fourth: number;
}

export interface ClassScattersOptions {
  readonly moments: Moments;
  /** As many as classes, or 1 for all of them together. */
  readonly components: number;
  readonly normalize: boolean;
  readonly products: Products;
}

/** Covariances (divisor n) around the class means, one per component, in a second pass. */
export async function classScatters(
  training: Training,
  { moments, components, normalize, products }: ClassScattersOptions,
): Promise<Scatter[]> {
  const { dim, means } = moments;
  const slots = new Map([...moments.counts.keys()].map((label, slot) => [label, slot]));
  const sums = Array.from({ length: components }, () => ({
    scatter: products.gramSum(dim),
    count: 0,
    fourth: 0,
  }));
  for await (const { features, labels, count } of training.blocks()) {
    const data = normalize
      ? unitRows({ ...features, data: new Float64Array(features.data) }).data
      : features.data;
    const groups = Array.from({ length: components }, (): number[] => []);
    for (let row = 0; row < count; row++) groups[components === 1 ? 0 : slots.get(labels[row]!)!]!.push(row);
    for (const [k, members] of groups.entries()) {
      if (members.length === 0) continue;
      const centered = new Float64Array(members.length * dim);
      members.forEach((row, at) => {
        const mean = slots.get(labels[row]!)! * dim;
        let norm = 0;
        for (let i = 0; i < dim; i++) {
          const value = data[row * dim + i]! - means[mean + i]!;
          centered[at * dim + i] = value;
          norm += value * value;
        }
        sums[k]!.fourth += norm * norm;
      });
      await sums[k]!.scatter.add(centered, members.length);
      sums[k]!.count += members.length;
    }
  }
  return sums.map(({ scatter, count, fourth }) => ({
    scatter: scatter.total().map(value => value / count),
    count,
    fourth: fourth / count,
  }));
}
