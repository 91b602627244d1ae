import { percentile } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith, WithHead } from '../contract/fit-arguments.ts';
import { DetectorsError } from '../errors.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { headArrays, headOf } from '../formula/head.ts';
import { freeEnergy, linear } from '../formula/terms.ts';
import { activationQuantile } from '../statistics/quantile.ts';

export type VraOptions = {
  /** Percentile of all ID training activations below which features count as 0. Default 60. */
  readonly low: number;
  /** Percentile at which they are cut. Default 95. */
  readonly high: number;
};

/** Energy of W g(f) + b; g is 0 below a low percentile of the ID training activations, cut at a high one (Xu et al., 2023). */
export const vra = formulaMethod<VraOptions, 'features' | 'head'>({
  name: 'vra',
  title: 'VRA',
  paper:
    'Xu, Lian, Liu and Tao, 2023: VRA: Variational rectified activation for out-of-distribution detection',
  needs: ['features', 'head'],
  reads: ['features'],
  defaults: { low: 60, high: 95 },
  rules: { low: percentile, high: percentile },
  check: ({ low, high }) => {
    if (low < high) return;
    throw new DetectorsError('INVALID_OPTION', {
      where: 'vra',
      expected: 'a percentile low below high',
      got: `${low} and ${high}`,
      advice: 'leave activations between them as they are, e.g. 60 and 95',
    });
  },
  stores: () => ({
    numbers: ['floor', 'ceiling'],
    arrays: { weights: ['features', 'classes'], bias: ['classes'] },
  }),
  async fit(training, { low, high }, context) {
    const [floor, ceiling] = [
      await activationQuantile(training, low / 100),
      await activationQuantile(training, high / 100),
    ];
    const head = headOf('vra', context, training.seen().features!);
    return { numbers: { floor, ceiling }, arrays: headArrays(head) };
  },
  formula: (f, { features }, { numbers, arrays }) => {
    const kept = f.multiply(f.greaterOrEqual(features, numbers.floor!), f.atMost(features, numbers.ceiling!));
    return freeEnergy(f, linear(f, kept, arrays.weights!, arrays.bias!));
  },
});

/** Fits VRA's thresholds. Needs features and head. */
export function fitVra(
  source: SourceWith<'features'>,
  options: FitOptions<VraOptions> & WithHead,
): Promise<Detector> {
  return fitMethod(vra, source, options);
}
