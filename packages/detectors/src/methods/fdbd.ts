import { oneOf } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith, WithHead } from '../contract/fit-arguments.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { headOf } from '../formula/head.ts';
import { featureMean } from '../statistics/means.ts';

export type FdbdOptions = {
  /** What distances are divided by: that of the feature to the ID mean, or its norm. Default `'distance to mean'`. */
  readonly regularizer: 'distance to mean' | 'norm';
};

const SMALLEST = 1e-20;

/**
 * Fast decision boundary: score = −mean over the other classes of (l_ŷ − l_c) / |w_ŷ − w_c|, the distance to each boundary, over
 * |f − μ| (Liu and Qin, 2024). Classes with the same weights have no boundary and do not count.
 */
export const fdbd = formulaMethod<FdbdOptions, 'features' | 'head'>({
  name: 'fdbd',
  title: 'fDBD',
  paper: 'Liu and Qin, 2024: Fast decision boundary based out-of-distribution detector',
  needs: ['features', 'head'],
  reads: ['features', 'logits'],
  defaults: { regularizer: 'distance to mean' },
  rules: { regularizer: oneOf('distance to mean', 'norm') },
  stores: () => ({ arrays: { center: ['features'], inverseGaps: ['logits', 'logits'] } }),
  async fit(training, { regularizer }, context) {
    const mean = await featureMean(training);
    const { weights } = headOf('fdbd', context, mean.length);
    const { rows: classes, cols, data } = weights;
    const gram = await context.products.multiplyTransposed(
      new Float64Array(data),
      new Float64Array(data),
      cols,
    );
    const inverseGaps = new Float64Array(classes * classes);
    for (let a = 0; a < classes; a++) {
      for (let b = 0; b < classes; b++) {
        const squared = gram[a * classes + a]! + gram[b * classes + b]! - 2 * gram[a * classes + b]!;
        const exact =
          squared > 1e-6 * gram[a * classes + a]! ? squared : squaredGap(weights.data, a, b, cols);
        if (a !== b && exact > 0) inverseGaps[a * classes + b] = 1 / Math.sqrt(exact) / (classes - 1);
      }
    }
    const center = regularizer === 'norm' ? new Float64Array(cols) : mean;
    return {
      arrays: {
        center: { shape: [cols], data: center },
        inverseGaps: { shape: [classes, classes], data: inverseGaps },
      },
    };
  },
  formula: (f, { features, logits }, { arrays }) => {
    const below = f.subtract(f.largest(logits), logits);
    const distances = f.multiply(below, f.rowOfLargest(f.constant(arrays.inverseGaps!), logits));
    const regularizer = f.norm(f.subtract(features, f.constant(arrays.center!)));
    return f.negate(f.divide(f.sum(distances), f.atLeast(regularizer, SMALLEST)));
  },
});

/** Fits fDBD's mean and gaps. Needs features and head. */
export function fitFdbd(
  source: SourceWith<'features'>,
  options: FitOptions<FdbdOptions> & WithHead,
): Promise<Detector> {
  return fitMethod(fdbd, source, options);
}

function squaredGap(weights: ArrayLike<number>, a: number, b: number, cols: number): number {
  let sum = 0;
  for (let i = 0; i < cols; i++) sum += (weights[a * cols + i]! - weights[b * cols + i]!) ** 2;
  return sum;
}
