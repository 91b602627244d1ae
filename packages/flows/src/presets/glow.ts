import { requireOptions, whole } from '@ood/core';
import { actNorm } from '../bijections/act-norm.ts';
import { affineCoupling } from '../bijections/affine-coupling.ts';
import { chain } from '../bijections/chain.ts';
import { defaultBlocks, luLinear, rotationWeights } from '../bijections/lu-linear.ts';
import { permutation, permutationWeights } from '../bijections/permutation.ts';
import { joinWeights } from '../contract/arrays.ts';
import { defineFlow } from '../contract/flow-model.ts';
import { standardNormal } from '../densities/standard-normal.ts';
import { luFactors } from '../linear-algebra/lu-factors.ts';
import { randomOrthogonal } from '../linear-algebra/random-orthogonal.ts';
import { normalize } from '../preparations/normalize.ts';
import { type PaperTrainingOptions, paperTraining, paperTrainingRules } from './paper-training.ts';
import type { Preset } from './preset.ts';
import { requireColumns } from './require-columns.ts';

export interface GlowOptions extends PaperTrainingOptions {
  /** Default: 10. */
  readonly blocks?: number;
}

/**
 * The paper's Glow (Cook et al. 2024, arXiv 2402.06537): l2-normalized features; blocks of coupling → LU → ActNorm in the
 * direction of the data; the coupling keeps the even dimensions; networks d→d→d; base N(0, I); Adam 1e-5, batch 250, 5,125 steps.
 *
 * The even dimensions are moved to the front once, and the couplings keep the front half: the same flow with its coordinates
 * renamed (a uniformly random rotation stays one under renaming), without two reorderings in every block.
 * All rotations come from one random rotation by random permutations and signs, each as uniform as if drawn anew.
 */
export function glow({ blocks = 10, ...training }: GlowOptions = {}): Preset {
  requireOptions('glow', { blocks, ...training }, { blocks: whole, ...paperTrainingRules });
  return {
    name: 'glow',
    training: paperTraining(training),
    async build({ features }, rng) {
      const dim = features.cols;
      requireColumns('glow', dim);
      const links = Array.from({ length: blocks }, () => [
        affineCoupling(dim, { kept: 'first' }),
        luLinear(dim),
        actNorm(dim),
      ]).flat();
      const rotation = luFactors(randomOrthogonal(dim, rng), dim);
      const weights = links.map(link =>
        link.kind === 'lu-linear' ? rotationWeights(rotation, defaultBlocks(dim), rng) : link.initialize(rng),
      );
      const evenFirst = Int32Array.from({ length: dim }, (_, i) => i).sort(
        (a, b) => (a % 2) - (b % 2) || a - b,
      );
      return {
        model: defineFlow(normalize(dim), chain([permutation(dim), ...links]), standardNormal(dim)),
        weights: joinWeights({ bijection: joinWeights([permutationWeights(evenFirst), ...weights]) }),
      };
    },
  };
}
