import { percentile } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith, WithHead } from '../contract/fit-arguments.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { headArrays, headOf } from '../formula/head.ts';
import { freeEnergy, linear } from '../formula/terms.ts';
import { featureMean } from '../statistics/means.ts';

export type DiceOptions = {
  /** Percentile of the head's contributions that is dropped. Default 90. */
  readonly percentile: number;
};

/** Energy of (W ∘ M) f + b; M keeps the weights whose mean contribution E[f_i] W_ci lies above a percentile (Sun and Li, 2022). */
export const dice = formulaMethod<DiceOptions, 'features' | 'head'>({
  name: 'dice',
  title: 'DICE',
  paper: 'Sun and Li, 2022: DICE: Leveraging sparsification for out-of-distribution detection',
  needs: ['features', 'head'],
  reads: ['features'],
  defaults: { percentile: 90 },
  rules: { percentile },
  stores: () => ({ numbers: ['threshold'], arrays: { weights: ['features', 'classes'], bias: ['classes'] } }),
  async fit(training, { percentile }, context) {
    const mean = await featureMean(training);
    const head = headOf('dice', context, mean.length);
    const contributions = Float64Array.from(
      head.weights.data,
      (weight, at) => weight * mean[at % mean.length]!,
    );
    const threshold = quantile(contributions, percentile / 100);
    const kept = head.weights.data.map((weight, at) => (contributions[at]! > threshold ? weight : 0));
    return { numbers: { threshold }, arrays: headArrays(head, kept) };
  },
  formula: (f, { features }, { arrays }) => freeEnergy(f, linear(f, features, arrays.weights!, arrays.bias!)),
});

/** Fits DICE's mask. Needs features and head. */
export function fitDice(
  source: SourceWith<'features'>,
  options: FitOptions<DiceOptions> & WithHead,
): Promise<Detector> {
  return fitMethod(dice, source, options);
}

function quantile(values: Float64Array, share: number): number {
  const sorted = values.slice().sort();
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = sorted[Math.min(sorted.length - 1, below + 1)]!;
  return sorted[below]! + (position - below) * (above - sorted[below]!);
}
