import { percentile } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith, WithHead } from '../contract/fit-arguments.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { headArrays, headOf } from '../formula/head.ts';
import { freeEnergy, linear } from '../formula/terms.ts';
import { activationQuantile } from '../statistics/quantile.ts';

export type ReactOptions = {
  /** Percentile of all ID training activations at which features are cut. Default 90. */
  readonly percentile: number;
};

/** Energy of W min(f, c) + b, c a percentile of the ID training activations (Sun, Guo and Li, 2021). */
export const react = formulaMethod<ReactOptions, 'features' | 'head'>({
  name: 'react',
  title: 'ReAct',
  paper: 'Sun, Guo and Li, 2021: ReAct: Out-of-distribution detection with rectified activations',
  needs: ['features', 'head'],
  reads: ['features'],
  defaults: { percentile: 90 },
  rules: { percentile },
  stores: () => ({ numbers: ['threshold'], arrays: { weights: ['features', 'classes'], bias: ['classes'] } }),
  async fit(training, { percentile }, context) {
    const threshold = await activationQuantile(training, percentile / 100);
    const head = headOf('react', context, training.seen().features!);
    return { numbers: { threshold }, arrays: headArrays(head) };
  },
  formula: (f, { features }, { numbers, arrays }) =>
    freeEnergy(f, linear(f, f.atMost(features, numbers.threshold!), arrays.weights!, arrays.bias!)),
});

/** Fits ReAct's threshold. Needs features and head. */
export function fitReact(
  source: SourceWith<'features'>,
  options: FitOptions<ReactOptions> & WithHead,
): Promise<Detector> {
  return fitMethod(react, source, options);
}
