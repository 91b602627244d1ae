import { notNegative } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith, WithHead } from '../contract/fit-arguments.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { headOf } from '../formula/head.ts';
import { featureMean } from '../statistics/means.ts';

export type NciOptions = {
  /** Weight α of the features' L1 norm. Default 1e-4. */
  readonly alpha: number;
};

/** Smallest distance to the mean that is divided by. */
const SMALLEST = 1e-20;

/** Neural collapse: score = −⟨w_ŷ, f − μ⟩ / |f − μ| − α |f|₁, ŷ the predicted class, μ the mean ID feature (Liu and Qin, 2025). */
export const nci = formulaMethod<NciOptions, 'features' | 'head'>({
  name: 'nci',
  title: 'NCI',
  paper: 'Liu and Qin, 2025: Detecting out-of-distribution through the lens of neural collapse',
  needs: ['features', 'head'],
  reads: ['features', 'logits'],
  defaults: { alpha: 1e-4 },
  rules: { alpha: notNegative },
  stores: () => ({ arrays: { mean: ['features'], weights: ['logits', 'features'] } }),
  async fit(training, _options, context) {
    const mean = await featureMean(training);
    const { weights } = headOf('nci', context, mean.length);
    return {
      arrays: {
        mean: { shape: [mean.length], data: mean },
        weights: { shape: [weights.rows, weights.cols], data: new Float64Array(weights.data) },
      },
    };
  },
  formula: (f, { features, logits }, { arrays, options }) => {
    const centered = f.subtract(features, f.constant(arrays.mean!));
    const own = f.rowOfLargest(f.constant(arrays.weights!), logits);
    const cosine = f.divide(f.sum(f.multiply(own, centered)), f.atLeast(f.norm(centered), SMALLEST));
    return f.negate(f.add(cosine, f.multiply(f.sum(f.abs(features)), options.alpha)));
  },
});

/** Fits NCI's mean. Needs features and head. */
export function fitNci(
  source: SourceWith<'features'>,
  options: FitOptions<NciOptions> & WithHead,
): Promise<Detector> {
  return fitMethod(nci, source, options);
}
