import { portion, type Rule } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitArguments } from '../contract/fit-arguments.ts';
import type { AnyMethod, Method } from '../contract/method.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { squaredDistances, unitRows } from '../formula/terms.ts';
import { shrink } from '../linear-algebra/shrink.ts';
import { rankWarnings, rowScale, whitening } from '../linear-algebra/whitening.ts';
import { momentsOf } from '../statistics/moments.ts';

export type MahalanobisOptions = {
  /** Share λ of the covariance replaced by a multiple of the identity: (1 − λ) Σ + λ tr(Σ)/d · I. Default 0. */
  readonly shrinkage: number;
};

export type RelativeMahalanobisOptions = MahalanobisOptions & {
  /** γ: how much of the distance to the mean of all rows is subtracted, from 0 (Mahalanobis) to 1. Default 1, as published. */
  readonly background: number;
};

interface Variant<Options extends object> {
  readonly name: string;
  readonly title: string;
  readonly paper: string;
  /** Divide each feature vector by its Euclidean norm first: the "++". */
  readonly normalize: boolean;
  readonly defaults: Options;
  readonly rules: Readonly<Record<keyof Options, Rule>>;
}

const plain = { defaults: { shrinkage: 0 }, rules: { shrinkage: portion } };
/** Subtracts the distance to the mean of all rows, under the covariance of all rows. */
const relativeTo = {
  defaults: { ...plain.defaults, background: 1 },
  rules: { ...plain.rules, background: portion },
};

/**
 * Squared Mahalanobis distance to the nearest class mean: score = min_c (f − μ_c)ᵀ Σ⁺ (f − μ_c), with one covariance within classes
 * for all (divisor n); the relative form subtracts γ (f − μ)ᵀ Σ₀⁺ (f − μ), mean and covariance of all rows.
 *
 * Singular covariances are pseudo-inverted: a direction without ID variance does not count.
 */
function mahalanobisMethod<Options extends MahalanobisOptions | RelativeMahalanobisOptions>({
  normalize,
  ...names
}: Variant<Options>): Method<Options, 'features' | 'labels'> {
  const { name } = names;
  const relative = 'background' in names.defaults;
  return formulaMethod<Options, 'features' | 'labels'>({
    ...names,
    needs: ['features', 'labels'],
    reads: ['features'],
    stores: () => ({
      arrays: {
        mean: ['features'],
        whitening: ['features', 'rank'],
        means: ['classes', 'rank'],
        ...(relative && { background: ['features', 'backgroundRank'] }),
      },
    }),
    async fit(training, { shrinkage }, { products }) {
      const moments = await momentsOf(training, { normalize, products });
      const scale = rowScale(moments);
      const { dim, mean, means } = moments;
      const within = shrink(await moments.within(), dim, { share: shrinkage });
      const { matrix, rank } = await whitening(name, within, dim, { products, scale });
      const centered = means.map((value, at) => value - mean[at % dim]!);
      const white = await products.multiply(centered, matrix, dim);
      const background = relative
        ? await whitening(name, shrink(moments.total(), dim, { share: shrinkage }), dim, { products, scale })
        : undefined;
      return {
        warnings: rankWarnings({ rank, dim }, moments),
        numbers: { rank, classes: means.length / dim },
        arrays: {
          mean: { shape: [dim], data: mean },
          whitening: { shape: [dim, rank], data: matrix },
          means: { shape: [means.length / dim, rank], data: white },
          ...(background && {
            background: { shape: [dim, background.rank], data: background.matrix },
          }),
        },
      };
    },
    formula: (f, { features }, { arrays, options }) => {
      const rows = normalize ? unitRows(f, features) : features;
      const centered = f.subtract(rows, f.constant(arrays.mean!));
      const white = f.matMul(centered, f.constant(arrays.whitening!));
      const nearest = f.smallest(squaredDistances(f, white, arrays.means!));
      if (!relative) return nearest;
      const toAll = f.sumOfSquares(f.matMul(centered, f.constant(arrays.background!)));
      // Files from before there was the option lack it.
      const { background = 1 } = options as Partial<RelativeMahalanobisOptions>;
      return f.subtract(nearest, f.multiply(toAll, background));
    },
  });
}

export const mahalanobis = mahalanobisMethod({
  name: 'mahalanobis',
  title: 'Mahalanobis',
  paper:
    'Lee, Lee, Lee and Shin, 2018: A simple unified framework for detecting out-of-distribution samples (last layer, no input perturbation)',
  normalize: false,
  ...plain,
});

export const mahalanobisPlusPlus = mahalanobisMethod({
  name: 'mahalanobis++',
  title: 'Mahalanobis++',
  paper: 'Müller and Hein, 2025: Mahalanobis++: Improving OOD detection via feature normalization',
  normalize: true,
  ...plain,
});

export const relativeMahalanobis = mahalanobisMethod({
  name: 'relative-mahalanobis',
  title: 'Relative Mahalanobis',
  paper: 'Ren et al., 2021: A simple fix to Mahalanobis distance for improving near-OOD detection',
  normalize: false,
  ...relativeTo,
});

export const relativeMahalanobisPlusPlus = mahalanobisMethod({
  name: 'relative-mahalanobis++',
  title: 'Relative Mahalanobis++',
  paper:
    'Müller and Hein, 2025: Mahalanobis++: Improving OOD detection via feature normalization (relative form)',
  normalize: true,
  ...relativeTo,
});

interface Normalization {
  /** Divide each feature vector by its norm first: the "++" form. Default false. */
  readonly normalize: boolean;
}

export type FitMahalanobisOptions = MahalanobisOptions & Normalization;

export type FitRelativeMahalanobisOptions = RelativeMahalanobisOptions & Normalization;

/** Fits Mahalanobis or Mahalanobis++. Needs features, and labels or what predicts them. */
export function fitMahalanobis(
  ...rowsAndOptions: FitArguments<FitMahalanobisOptions, 'features' | 'labels'>
): Promise<Detector> {
  const [source, { normalize = false, ...options } = {}] = rowsAndOptions;
  const method: AnyMethod = normalize ? mahalanobisPlusPlus : mahalanobis;
  return fitMethod(method, source, options);
}

/** Fits Relative Mahalanobis or its ++ form. Needs features, and labels or what predicts them. */
export function fitRelativeMahalanobis(
  ...rowsAndOptions: FitArguments<FitRelativeMahalanobisOptions, 'features' | 'labels'>
): Promise<Detector> {
  const [source, { normalize = false, ...options } = {}] = rowsAndOptions;
  const method: AnyMethod = normalize ? relativeMahalanobisPlusPlus : relativeMahalanobis;
  return fitMethod(method, source, options);
}
