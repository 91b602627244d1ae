import { percentile } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith, WithHead } from '../contract/fit-arguments.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { headArrays, headOf } from '../formula/head.ts';
import { keptCount, keptScale } from '../formula/kept-activations.ts';
import { freeEnergy, linear } from '../formula/terms.ts';
import { firstBlock } from '../statistics/first-block.ts';

export type AshOptions = {
  /** Percentile of each row's features that is set to 0. Default 90. */
  readonly percentile: number;
};

/**
 * ASH-S: energy of W f′ + b, f′ = the largest features of the row times exp(Σ f / Σ kept f), the rest 0 (Djurisic et al., 2023).
 * Meant for non-negative features. Features equal to the smallest that stays, stay too.
 */
export const ash = formulaMethod<AshOptions, 'features' | 'head'>({
  name: 'ash-s',
  title: 'ASH-S',
  paper:
    'Djurisic, Bozanic, Ashok and Liu, 2023: Extremely simple activation shaping for out-of-distribution detection',
  needs: ['features', 'head'],
  reads: ['features'],
  defaults: { percentile: 90 },
  rules: { percentile },
  stores: () => ({ counts: ['kept'], arrays: { weights: ['features', 'classes'], bias: ['classes'] } }),
  async fit(training, { percentile }, context) {
    const { features } = await firstBlock(training);
    const head = headOf('ash-s', context, features.cols);
    return { numbers: { kept: keptCount(features.cols, percentile) }, arrays: headArrays(head) };
  },
  formula: (f, { features }, { numbers, arrays }) => {
    const { threshold, scale } = keptScale(f, features, numbers.kept!);
    const pruned = f.select(f.greaterOrEqual(features, threshold), features, 0);
    return freeEnergy(f, linear(f, f.multiply(pruned, scale), arrays.weights!, arrays.bias!));
  },
});

/** Makes ASH-S of a head; of the rows only the width matters. Needs features and head. */
export function fitAsh(
  source: SourceWith<'features'>,
  options: FitOptions<AshOptions> & WithHead,
): Promise<Detector> {
  return fitMethod(ash, source, options);
}
