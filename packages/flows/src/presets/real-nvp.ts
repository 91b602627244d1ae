import { requireOptions, whole } from '@ood/core';
import { actNorm } from '../bijections/act-norm.ts';
import { affineCoupling } from '../bijections/affine-coupling.ts';
import { chain } from '../bijections/chain.ts';
import { joinWeights } from '../contract/arrays.ts';
import { defineFlow } from '../contract/flow-model.ts';
import { standardNormal } from '../densities/standard-normal.ts';
import { normalize } from '../preparations/normalize.ts';
import { type PaperTrainingOptions, paperTraining, paperTrainingRules } from './paper-training.ts';
import type { Preset } from './preset.ts';
import { requireColumns } from './require-columns.ts';

export interface RealNvpOptions extends PaperTrainingOptions {
  /** Default: 4. */
  readonly blocks?: number;
}

/**
 * The paper's RealNVP (Cook et al. 2024): l2-normalized features; blocks of ActNorm → coupling in the direction of the
 * data; couplings keep the odd and the even dimensions in turn, the last of them the even ones; networks d→d→d; base N(0, I).
 *
 * Deviation: columns that are constant in the first batch are not scaled, see `actNorm`.
 */
export function realNvp({ blocks = 4, ...training }: RealNvpOptions = {}): Preset {
  requireOptions('realNvp', { blocks, ...training }, { blocks: whole, ...paperTrainingRules });
  return {
    name: 'realNvp',
    training: paperTraining(training),
    async build({ features }, rng) {
      const dim = features.cols;
      requireColumns('realNvp', dim);
      const links = Array.from({ length: blocks }, (_, i) => [
        actNorm(dim),
        affineCoupling(dim, { kept: (blocks - i) % 2 === 0 ? 'odd' : 'even' }),
      ]).flat();
      const model = defineFlow(normalize(dim), chain(links), standardNormal(dim));
      return { model, weights: joinWeights({ bijection: model.bijection.initialize(rng) }) };
    },
  };
}
