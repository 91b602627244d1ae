import { requireOptions, whole } from '@ood/core';
import { actNorm } from '../bijections/act-norm.ts';
import { affineCoupling } from '../bijections/affine-coupling.ts';
import { chain } from '../bijections/chain.ts';
import { joinWeights } from '../contract/arrays.ts';
import { defineFlow } from '../contract/flow-model.ts';
import { standardNormal } from '../densities/standard-normal.ts';
import { normalize } from '../preparations/normalize.ts';
import { PAPER_TRAINING } from './paper-training.ts';
import type { Preset } from './preset.ts';

export interface RealNvpOptions {
  /** Default: 4. */
  readonly blocks?: number;
}

/**
 * The paper's RealNVP (Cook et al. 2024): l2-normalized features; blocks of ActNorm → coupling in the direction of the
 * data; couplings keep the odd and the even dimensions in turn, the last of them the even ones; networks d→d→d; base N(0, I).
 *
 * Deviation: columns that are constant in the first batch are not scaled, see `actNorm`.
 */
export function realNvp({ blocks = 4, ...rest }: RealNvpOptions = {}): Preset {
  requireOptions('realNvp', { blocks, ...rest }, { blocks: whole });
  return {
    name: 'realNvp',
    training: PAPER_TRAINING,
    async build({ features }, rng) {
      const dim = features.cols;
      const links = Array.from({ length: blocks }, (_, i) => [
        actNorm(dim),
        affineCoupling(dim, { kept: (blocks - i) % 2 === 0 ? 'odd' : 'even' }),
      ]).flat();
      const model = defineFlow(normalize(dim), chain(links), standardNormal(dim));
      return { model, weights: joinWeights({ bijection: model.bijection.initialize(rng) }) };
    },
  };
}
