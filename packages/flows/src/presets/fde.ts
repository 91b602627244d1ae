import {
  anything,
  positive,
  type Random,
  permutation as randomOrder,
  requireFiniteRows,
  requireOptions,
  share,
  unitRows,
  whole,
} from '@ood/core';
import { affineCoupling } from '../bijections/affine-coupling.ts';
import { chain } from '../bijections/chain.ts';
import { permutation, permutationWeights } from '../bijections/permutation.ts';
import { array, joinWeights, type Weights } from '../contract/arrays.ts';
import { defineFlow } from '../contract/flow-model.ts';
import { gaussianMixture } from '../densities/gaussian-mixture.ts';
import { compactLabels } from '../fitting/class-statistics.ts';
import { kMeans } from '../fitting/k-means.ts';
import { withinClassWhitening } from '../fitting/within-class-whitening.ts';
import { inversePermutation } from '../operations/permute.ts';
import { normalize } from '../preparations/normalize.ts';
import { sequenceOf } from '../preparations/sequence.ts';
import { defaultRuntime } from '../runtime/default-runtime.ts';
import type { Preset, TrainingDefaults } from './preset.ts';
import { requireColumns } from './require-columns.ts';

export interface FdeOptions {
  /** Affine couplings. Default: 6. */
  readonly couplings?: number;
  /** Width of the networks' one hidden layer, as a multiple of the modelled dimension. Default: 1. */
  readonly width?: number;
  /** Log-scales of a coupling stay within ±bound. Default: 2. */
  readonly bound?: number;
  /** Share of the identity in the within-class covariance. Default: 0.01. */
  readonly shrinkage?: number;
  /**
   * How far directions in which the classes do not differ count less, 0 ≤ γ < 1: distances are measured by Σ_w⁻¹ − γ Σ_t⁻¹
   * instead of Σ_w⁻¹ (within-class and total covariance). At γ = 1 this would be the relative Mahalanobis distance of Ren
   * et al. (2021), which sees near-OOD better and far-OOD worse. Default: 0.7.
   */
  readonly background?: number;
  /** Features of more columns are cut to this many leading directions. Default: 256. */
  readonly directions?: number;
  /** Components of the base where there are no labels: clusters of the features. Default: 10. */
  readonly clusters?: number;
  readonly training?: Partial<TrainingDefaults>;
}

const TRAINING: TrainingDefaults = {
  optimizer: 'adamw',
  learningRate: 1e-3,
  schedule: 'cosine',
  batchSize: 250,
  epochs: 20,
  weightDecay: 1e-2,
  clipNorm: 10,
  noise: 0.6,
  validationFraction: 0.1,
  patience: 5,
  interpolation: 0.5,
};

/**
 * Our default. Features are l2-normalized, cut to leading directions where there are many, and mapped so that distances are
 * those of Σ_w⁻¹ − γ Σ_t⁻¹ (see `background`); the base is the equal mixture of unit Gaussians at the class means; the flow
 * (half-split affine couplings with bounded log-scales between fixed random permutations) starts as the identity. So before
 * training it scores by the soft minimum over classes of those distances (γ = 0: Mahalanobis++, Müller and Hein 2025), and
 * training can only move on from there: Gaussian noise keeps the likelihood bounded, the weights of the best held-out
 * likelihood are kept, and the flow returned lies halfway between the first weights and those, since the likelihood goes on
 * improving after near-OOD detection has begun to suffer. How the defaults were chosen: docs/results/fde.md.
 *
 * Without labels, clusters of the features stand in for the classes.
 */
export function fde({
  couplings = 6,
  width = 1,
  bound = 2,
  shrinkage = 0.01,
  background = 0.7,
  directions = 256,
  clusters = 10,
  training = {},
  ...rest
}: FdeOptions = {}): Preset {
  const given = { couplings, width, bound, shrinkage, background, directions, clusters, training, ...rest };
  requireOptions('fde', given, {
    couplings: whole,
    width: positive,
    bound: positive,
    shrinkage: share,
    background: share,
    directions: whole,
    clusters: whole,
    training: anything,
  });
  return {
    name: 'fde',
    training: { ...TRAINING, ...training },
    async build({ features, labels }, rng, { runtime } = {}) {
      const engine = runtime ?? (await defaultRuntime());
      requireColumns('fde', features.cols);
      requireFiniteRows('fde', 'features', features);
      const unit = unitRows(features);
      const classes = compactLabels(labels ?? kMeans(unit, clusters, rng));
      const whitening = await withinClassWhitening(unit, classes, {
        directions,
        shrinkage,
        background,
        rng,
        runtime: engine,
      });
      const dim = whitening.fitted.preparation.dim;
      const { preparation, constants } = sequenceOf([
        { preparation: normalize(features.cols), constants: {} },
        whitening.fitted,
      ]);
      const coupling = affineCoupling(dim, {
        kept: 'first',
        hidden: [Math.max(1, Math.round(width * dim))],
        bound,
      });
      const links = Array.from({ length: couplings }, () => [permutation(dim), coupling]).flat();
      const base = gaussianMixture(dim, { components: classes.classes, trained: false });
      const model = defineFlow(preparation, chain([...links, permutation(dim)]), base);
      const weights = joinWeights({
        preparation: { parameters: {}, constants },
        bijection: joinWeights(identityInSum(links.length / 2, dim, () => coupling.initialize(rng), rng)),
        base: mixtureWeights(whitening.means, classes.classes, dim),
      });
      return { model, weights };
    },
  };
}

/** Permutation, coupling, permutation, …, and a last permutation that undoes them all. */
function identityInSum(couplings: number, dim: number, coupling: () => Weights, rng: Random): Weights[] {
  const links: Weights[] = [];
  let total: Float32Array = Float32Array.from({ length: dim }, (_, i) => i);
  for (let i = 0; i < couplings; i++) {
    const order = randomOrder(dim, rng);
    total = Float32Array.from(order, from => total[from]!);
    links.push(permutationWeights(order), coupling());
  }
  return [...links, permutationWeights(inversePermutation(total))];
}

function mixtureWeights(means: Float64Array, classes: number, dim: number): Weights {
  return {
    parameters: {},
    constants: {
      logits: array([classes], new Float32Array(classes)),
      mean: array([classes, dim], means),
      logScale: array([classes, dim], new Float32Array(classes * dim)),
    },
  };
}
