import { flag, oneOf, type Rule } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitArguments } from '../contract/fit-arguments.ts';
import { DetectorsError } from '../errors.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { unitRows } from '../formula/terms.ts';
import { inverseRoot, pivotedCholesky, RANK_TOLERANCE } from '../linear-algebra/cholesky.ts';
import { shrink, trace } from '../linear-algebra/shrink.ts';
import { classScatters } from '../statistics/class-scatters.ts';
import { ledoitWolf } from '../statistics/ledoit-wolf.ts';
import { type Moments, momentsOf } from '../statistics/moments.ts';

export type GmmOptions = {
  /** One covariance per class, or one within classes for all. Default `'class'`. */
  readonly covariance: 'class' | 'tied';
  /** Divide features by their norm first. Default false. */
  readonly normalize: boolean;
  /** Share of each covariance replaced by tr(Σ)/d · I. Default: Ledoit and Wolf's, from the rows. */
  readonly shrinkage: number | undefined;
};

/** Without any, a covariance may have no inverse. */
const aboveZero: Rule = [
  value => typeof value === 'number' && value > 0 && value <= 1,
  'a number above 0 and at most 1',
];
/** Bytes that the covariances may take. */
const MOST_BYTES = 2 ** 30;

/**
 * Gaussian mixture, one component per class: score = −log Σ_c (n_c/n) N(f; μ_c, Σ_c) in nats, computed in the log domain, with shrunk covariances
 * (Mukhoti et al., 2023; Ledoit and Wolf, 2004), so that dead features and classes of few rows stay finite.
 */
export const gmm = formulaMethod<GmmOptions, 'features' | 'labels'>({
  name: 'gmm',
  title: 'GMM',
  paper:
    'Mukhoti et al., 2023: Deep deterministic uncertainty: A new simple baseline (Gaussian per class, shrunk as Ledoit and Wolf, 2004)',
  needs: ['features', 'labels'],
  reads: ['features'],
  defaults: { covariance: 'class', normalize: false, shrinkage: undefined },
  rules: { covariance: oneOf('class', 'tied'), normalize: flag, shrinkage: aboveZero },
  stores: () => ({
    arrays: {
      means: ['classes', 1, 'features'],
      whitenings: ['components', 'features', 'features'],
      constants: ['classes'],
    },
  }),
  async fit(training, { covariance, normalize, shrinkage }, { products }) {
    const moments = await momentsOf(training, { normalize, products });
    const { dim, rows, means } = moments;
    const classes = means.length / dim;
    const components = covariance === 'class' ? classes : 1;
    if (components * dim * dim * 8 > MOST_BYTES) throw tooLarge(components, dim);
    const scatters = await classScatters(training, { moments, components, normalize, products });
    const whitenings = new Float64Array(components * dim * dim);
    const constants = new Float64Array(classes);
    const counts = [...moments.counts.values()];
    let largestShare = 0;
    scatters.forEach((own, k) => {
      const share = shrinkage ?? ledoitWolf(own, dim);
      largestShare = Math.max(largestShare, share);
      const shrunk = shrink(own.scatter, dim, { share, target: targetOf(own.scatter, moments) });
      const { inverse, logDeterminant } = factorize(shrunk, dim);
      whitenings.set(inverse, k * dim * dim);
      for (let c = components === 1 ? 0 : k; c < (components === 1 ? classes : k + 1); c++) {
        constants[c] = Math.log(counts[c]! / rows) - 0.5 * (dim * Math.log(2 * Math.PI) + logDeterminant);
      }
    });
    return {
      numbers: { classes, largestShrinkage: largestShare },
      arrays: {
        means: { shape: [classes, 1, dim], data: means },
        whitenings: { shape: [components, dim, dim], data: whitenings },
        constants: { shape: [classes], data: constants },
      },
    };
  },
  formula: (f, { features }, { arrays, options }) => {
    const rows = options.normalize ? unitRows(f, features) : features;
    const centered = f.subtract(f.unsqueeze(rows, 0), f.constant(arrays.means!));
    const squared = f.sumOfSquares(f.matMul(centered, f.constant(arrays.whitenings!)));
    const distances = f.transpose(f.squeeze(squared, -1), [1, 0]);
    const logs = f.add(f.multiply(distances, -0.5), f.constant(arrays.constants!));
    return f.negate(f.logSumExp(logs));
  },
});

/** Fits a Gaussian per class. Needs features, and labels or what predicts them. */
export function fitGmm(
  ...rowsAndOptions: FitArguments<GmmOptions, 'features' | 'labels'>
): Promise<Detector> {
  return fitMethod(gmm, ...rowsAndOptions);
}

/** What a covariance is shrunk to: a class without any variance of its own borrows that of all rows. */
function targetOf(covariance: Float64Array, { dim, total }: Moments): number {
  const [own, all] = [trace(covariance, dim), trace(total(), dim)];
  const target = (own > RANK_TOLERANCE * all ? own : all) / dim;
  if (!(target > 0)) throw constant(dim);
  return target;
}

/** W with W Wᵀ = Σ⁻¹, and log det Σ. */
function factorize(covariance: Float64Array, dim: number): { inverse: Float64Array; logDeterminant: number } {
  const factor = pivotedCholesky(covariance, dim);
  if (factor.rank < dim) throw constant(dim);
  let logDeterminant = 0;
  factor.pivots.forEach((row, k) => {
    logDeterminant += 2 * Math.log(factor.lower[row * dim + k]!);
  });
  return { inverse: inverseRoot(factor, dim), logDeterminant };
}

function constant(dim: number): DetectorsError {
  return new DetectorsError('SINGULAR_COVARIANCE', {
    where: 'gmm',
    expected: `covariances of ${dim} features that can be inverted`,
    got: 'one that cannot',
    advice: 'check that the features are not constant, or raise the shrinkage',
  });
}

function tooLarge(components: number, dim: number): DetectorsError {
  return new DetectorsError('TOO_LARGE', {
    where: 'gmm',
    expected: `covariances of at most ${MOST_BYTES / 2 ** 20} MB`,
    got: `${components} of ${dim} × ${dim}`,
    advice: "use covariance: 'tied'",
    details: { components, dim },
  });
}
