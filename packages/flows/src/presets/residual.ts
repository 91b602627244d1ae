import { requireOptions, whole } from '@ood/core';
import { actNorm } from '../bijections/act-norm.ts';
import { chain } from '../bijections/chain.ts';
import { residualBlock } from '../bijections/residual-block.ts';
import { joinWeights } from '../contract/arrays.ts';
import { defineFlow } from '../contract/flow-model.ts';
import { standardNormal } from '../densities/standard-normal.ts';
import { normalize } from '../preparations/normalize.ts';
import { type PaperTrainingOptions, paperTraining, paperTrainingRules } from './paper-training.ts';
import type { Preset } from './preset.ts';
import { requireColumns } from './require-columns.ts';

export interface ResidualOptions extends PaperTrainingOptions {
  /** Default: 4. */
  readonly blocks?: number;
}

/**
 * The paper's residual flow (Cook et al. 2024): l2-normalized features; blocks of ActNorm → x + g(x) in the direction of the
 * data, g a Lipschitz perceptron d→d→d with coefficient 0.9; base N(0, I).
 *
 * Deviations: columns that are constant in the first batch are not scaled, see `actNorm`. The log-determinant uses fixed
 * probes, so that a score is the same at every call (the reference draws new ones even at test time); see `residualBlock`
 * for its bias.
 */
export function residual({ blocks = 4, ...training }: ResidualOptions = {}): Preset {
  requireOptions('residual', { blocks, ...training }, { blocks: whole, ...paperTrainingRules });
  return {
    name: 'residual',
    training: paperTraining(training),
    async build({ features }, rng) {
      const dim = features.cols;
      requireColumns('residual', dim);
      const links = Array.from({ length: blocks }, () => [actNorm(dim), residualBlock(dim)]).flat();
      const model = defineFlow(normalize(dim), chain(links), standardNormal(dim));
      return { model, weights: joinWeights({ bijection: model.bijection.initialize(rng) }) };
    },
  };
}
