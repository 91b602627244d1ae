import { positive, requireOptions, whole } from '@ood/core';
import { actNorm } from '../bijections/act-norm.ts';
import { autoregressiveAffine } from '../bijections/autoregressive-affine.ts';
import { chain } from '../bijections/chain.ts';
import { joinWeights } from '../contract/arrays.ts';
import { defineFlow } from '../contract/flow-model.ts';
import { standardNormal } from '../densities/standard-normal.ts';
import { normalize } from '../preparations/normalize.ts';
import { LIKELIHOOD_TRAINING } from './likelihood-training.ts';
import type { Preset } from './preset.ts';
import { requireColumns } from './require-columns.ts';

export interface MaskedAutoregressiveOptions {
  /** Default: 5. */
  readonly layers?: number;
  /** Log-scales stay within ±bound. Default: 5. */
  readonly bound?: number;
}

/**
 * Masked autoregressive flow (Papamakarios et al. 2017): l2-normalized features; 5 autoregressive layers whose order reverses
 * each time; base N(0, I).
 *
 * Deviations: ActNorm takes the place of batch normalization, and log-scales are smoothly bounded.
 */
export function maskedAutoregressive({
  layers = 5,
  bound = 5,
  ...rest
}: MaskedAutoregressiveOptions = {}): Preset {
  requireOptions('maskedAutoregressive', { layers, bound, ...rest }, { layers: whole, bound: positive });
  return {
    name: 'maskedAutoregressive',
    training: LIKELIHOOD_TRAINING,
    async build({ features }, rng) {
      const dim = features.cols;
      requireColumns('maskedAutoregressive', dim);
      const links = Array.from({ length: layers }, (_, i) => [
        actNorm(dim),
        autoregressiveAffine(dim, { bound, reversed: i % 2 === 1 }),
      ]).flat();
      const model = defineFlow(normalize(dim), chain(links), standardNormal(dim));
      return { model, weights: joinWeights({ bijection: model.bijection.initialize(rng) }) };
    },
  };
}
