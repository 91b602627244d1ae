import { flag, requireOption, whole, wholeUpTo } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitArguments } from '../contract/fit-arguments.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { principalDirections } from '../linear-algebra/principal-directions.ts';
import { momentsOf } from '../statistics/moments.ts';

export type NecoOptions = {
  /** Leading directions of the ID features. Default: as many as there are classes, less 1, at most all but one. */
  readonly principalDimensions: number | undefined;
  /** Multiply by the largest logit. Default true. */
  readonly timesMaxLogit: boolean;
};

/** Smallest norm that is divided by. */
const SMALLEST = 1e-20;

/**
 * Neural collapse: score = −|P (f − μ)| / |f − μ| · max_c l_c, P the leading principal directions of the ID features (Ben Ammar et al., 2024).
 * The paper tunes their number for each model; collapsed classes span as many as there are classes, less 1.
 */
export const neco = formulaMethod<NecoOptions, 'features' | 'logits'>({
  name: 'neco',
  title: 'NECO',
  paper: 'Ben Ammar et al., 2024: NECO: Neural collapse based out-of-distribution detection',
  needs: ['features', 'logits'],
  reads: ['features', 'logits'],
  defaults: { principalDimensions: undefined, timesMaxLogit: true },
  rules: { principalDimensions: whole, timesMaxLogit: flag },
  stores: () => ({ arrays: { mean: ['features'], directions: ['directions', 'features'] } }),
  async fit(training, { principalDimensions }, { products, signal }) {
    const { dim, mean, total } = await momentsOf(training, { products });
    const classes = training.seen().logits!;
    const count = principalDimensions ?? Math.max(1, Math.min(classes - 1, dim - 1));
    requireOption('neco', 'principalDimensions', count, wholeUpTo(dim));
    const directions = await principalDirections(total(), dim, { count, products, signal });
    return {
      options: { principalDimensions: count },
      arrays: {
        mean: { shape: [dim], data: mean },
        directions: { shape: [directions.length / dim, dim], data: directions },
      },
    };
  },
  formula: (f, { features, logits }, { arrays, options }) => {
    const centered = f.subtract(features, f.constant(arrays.mean!));
    const along = f.matMul(centered, f.transpose(f.constant(arrays.directions!), [1, 0]));
    const ratio = f.divide(f.norm(along), f.atLeast(f.norm(centered), SMALLEST));
    // Multiplied by 0 and shifted by 1, the logits stay an input that the graph reads.
    const factor = f.largest(logits);
    return f.negate(f.multiply(ratio, options.timesMaxLogit ? factor : f.add(f.multiply(factor, 0), 1)));
  },
});

/** Fits NECO's directions. Needs features and logits. */
export function fitNeco(
  ...rowsAndOptions: FitArguments<NecoOptions, 'features' | 'logits'>
): Promise<Detector> {
  return fitMethod(neco, ...rowsAndOptions);
}
