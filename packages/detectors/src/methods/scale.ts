import { percentile } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith, WithHead } from '../contract/fit-arguments.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { headArrays, headOf } from '../formula/head.ts';
import { keptCount, keptScale } from '../formula/kept-activations.ts';
import { freeEnergy, linear } from '../formula/terms.ts';
import { firstBlock } from '../statistics/first-block.ts';

export type ScaleOptions = {
  /** Percentile of each row's features left out of the denominator. Default 85. */
  readonly percentile: number;
};

/** Energy of W (f exp(r)) + b, r = Σ f / Σ of the largest f; nothing is pruned (Xu et al., 2024). Meant for non-negative features. */
export const scale = formulaMethod<ScaleOptions, 'features' | 'head'>({
  name: 'scale',
  title: 'SCALE',
  paper:
    'Xu, Chen, Franchi and Yao, 2024: Scaling for training time and post-hoc out-of-distribution detection enhancement',
  needs: ['features', 'head'],
  reads: ['features'],
  defaults: { percentile: 85 },
  rules: { percentile },
  stores: () => ({ counts: ['kept'], arrays: { weights: ['features', 'classes'], bias: ['classes'] } }),
  async fit(training, { percentile }, context) {
    const { features } = await firstBlock(training);
    const head = headOf('scale', context, features.cols);
    return { numbers: { kept: keptCount(features.cols, percentile) }, arrays: headArrays(head) };
  },
  formula: (f, { features }, { numbers, arrays }) => {
    const scaled = f.multiply(features, keptScale(f, features, numbers.kept!).scale);
    return freeEnergy(f, linear(f, scaled, arrays.weights!, arrays.bias!));
  },
});

/** Makes SCALE of a head; of the rows only the width matters. Needs features and head. */
export function fitScale(
  source: SourceWith<'features'>,
  options: FitOptions<ScaleOptions> & WithHead,
): Promise<Detector> {
  return fitMethod(scale, source, options);
}
