import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitArguments } from '../contract/fit-arguments.ts';
import { unitRows } from '../formula/terms.ts';
import { bankMethod, type NeighborOptions } from '../neighbors/bank-method.ts';
import { logSumExp } from '../statistics/log-sum-exp.ts';

/** `k`: neighbors averaged over. Default 10, with the whole bank (the paper's 1 % of it is for ImageNet). */
export type NnguideOptions = NeighborOptions;

/** Score = −E(l) · mean of the k largest E(l_i) ⟨f_i/|f_i|, f/|f|⟩ over the ID rows, E = log Σ exp (Park, Jung and Teoh, 2023). */
export const nnguide = bankMethod({
  name: 'nnguide',
  title: 'NNGuide',
  paper: 'Park, Jung and Teoh, 2023: Nearest neighbor guidance for out-of-distribution detection',
  needs: ['features', 'logits'],
  reads: ['features', 'logits'],
  k: 10,
  weight: logSumExp,
  score: ({ values, logits, scale, candidates }, { rows, scales, dim }, k) => {
    const similar = new Float64Array(candidates.length);
    candidates.forEach((candidate, c) => {
      let sum = 0;
      for (let i = 0, at = candidate * dim; i < dim; i++, at++) sum += values[i]! * rows[at]!;
      similar[c] = sum * scale * scales[candidate]!;
    });
    similar.sort();
    let mean = 0;
    for (let c = similar.length - k; c < similar.length; c++) mean += similar[c]! / k;
    return -mean * logSumExp(logits);
  },
  formula: (f, { features, logits }, bank, k) => {
    const similarities = f.matMul(unitRows(f, features), f.transpose(f.constant(bank), [1, 0]));
    const mean = f.divide(f.sum(f.topValues(similarities, k)), k);
    return f.negate(f.multiply(mean, f.logSumExp(logits)));
  },
});

/** Fits NNGuide: keeps the ID rows, or a share of them. Needs features and logits. */
export function fitNnguide(
  ...rowsAndOptions: FitArguments<NnguideOptions, 'features' | 'logits'>
): Promise<Detector> {
  return fitMethod(nnguide, ...rowsAndOptions);
}
