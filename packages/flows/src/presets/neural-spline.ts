import { positive, requireOptions, whole, wholeFrom } from '@ood/core';
import { actNorm } from '../bijections/act-norm.ts';
import { chain } from '../bijections/chain.ts';
import { luLinear } from '../bijections/lu-linear.ts';
import { splineCoupling } from '../bijections/spline-coupling.ts';
import { joinWeights } from '../contract/arrays.ts';
import { defineFlow } from '../contract/flow-model.ts';
import { standardNormal } from '../densities/standard-normal.ts';
import { normalize } from '../preparations/normalize.ts';
import { LIKELIHOOD_TRAINING } from './likelihood-training.ts';
import type { Preset } from './preset.ts';
import { requireColumns } from './require-columns.ts';

export interface NeuralSplineOptions {
  /** Default: 5. */
  readonly blocks?: number;
  /** Bins of each spline. Default: 8. */
  readonly bins?: number;
  /** The splines live on [−bound, bound]. Default: 3, as in the paper's density estimation. */
  readonly bound?: number;
}

/**
 * Neural spline flow with coupling layers, RQ-NSF (C) (Durkan et al. 2019): l2-normalized features; blocks of ActNorm → LU →
 * rational-quadratic coupling; base N(0, I).
 *
 * Deviations: the couplings' networks are perceptrons with one hidden layer, not residual nets; LU starts as a random rotation.
 */
export function neuralSpline({ blocks = 5, bins = 8, bound = 3, ...rest }: NeuralSplineOptions = {}): Preset {
  requireOptions(
    'neuralSpline',
    { blocks, bins, bound, ...rest },
    { blocks: whole, bins: wholeFrom(2), bound: positive },
  );
  return {
    name: 'neuralSpline',
    training: LIKELIHOOD_TRAINING,
    async build({ features }, rng) {
      const dim = features.cols;
      requireColumns('neuralSpline', dim);
      const links = Array.from({ length: blocks }, () => [
        actNorm(dim),
        luLinear(dim),
        splineCoupling(dim, { bins, bound }),
      ]).flat();
      const model = defineFlow(normalize(dim), chain(links), standardNormal(dim));
      return { model, weights: joinWeights({ bijection: model.bijection.initialize(rng) }) };
    },
  };
}
