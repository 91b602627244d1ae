import { requireOption, whole, wholeUpTo } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith, WithHead } from '../contract/fit-arguments.ts';
import type { FitContext, Found, NumericArray } from '../contract/method.ts';
import type { Training } from '../contract/training.ts';
import { DetectorsError } from '../errors.ts';
import type { Formula, Value } from '../formula/formula.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { headOf } from '../formula/head.ts';
import { freeEnergy } from '../formula/terms.ts';
import { headOrigin } from '../linear-algebra/head-origin.ts';
import { principalDirections } from '../linear-algebra/principal-directions.ts';
import { momentsOf } from '../statistics/moments.ts';

export type SubspaceOptions = {
  /** Leading directions D taken out. Default, as in the paper: 1000 from 2048 features on, 512 from 768 on, else half of them. */
  readonly principalDimensions: number | undefined;
};

const paper = 'Wang, Li, Feng and Zhang, 2022: ViM: Out-of-distribution with virtual-logit matching';
/** Share of a length that float32 features leave to chance. */
const ROUNDING = 1e-6;
const SUBSPACE = { arrays: { origin: ['features'], directions: ['directions', 'features'] } };
const rules = { principalDimensions: whole };

/** Residual: score = |R Rᵀ (f − u)|, R beyond the D leading directions of the ID rows around u = −W⁺b, where the logits are 0. */
export const residual = formulaMethod<SubspaceOptions, 'features' | 'head'>({
  name: 'residual',
  title: 'Residual',
  paper,
  needs: ['features', 'head'],
  reads: ['features'],
  defaults: { principalDimensions: undefined },
  rules,
  stores: () => SUBSPACE,
  async fit(training, options, context) {
    const found = await fitSubspace(training, options, context);
    await residualsOf(training, found.arrays!, context);
    return found;
  },
  formula: (f, { features }, { arrays }) => residualNorm(f, features, arrays),
});

/**
 * Virtual-logit matching: score = α |R Rᵀ (f − u)| − log Σ_c exp(l_c), α = mean largest logit / mean residual norm of the ID rows. Its
 * residual is that of `residual`.
 */
export const vim = formulaMethod<SubspaceOptions, 'features' | 'logits' | 'head'>({
  name: 'vim',
  title: 'ViM',
  paper,
  needs: ['features', 'logits', 'head'],
  reads: ['features', 'logits'],
  defaults: { principalDimensions: undefined },
  rules,
  stores: () => ({ numbers: ['alpha'], ...SUBSPACE }),
  async fit(training, options, context) {
    const found = await fitSubspace(training, options, context);
    const { largest, norms } = await residualsOf(training, found.arrays!, context);
    const alpha = largest / norms;
    return { ...found, numbers: { ...found.numbers, alpha } };
  },
  formula: (f, { features, logits }, { arrays, numbers }) =>
    f.add(f.multiply(residualNorm(f, features, arrays), numbers.alpha!), freeEnergy(f, logits)),
});

/** Fits ViM. Needs features, logits and head. */
export function fitVim(
  source: SourceWith<'features'>,
  options: FitOptions<SubspaceOptions> & WithHead,
): Promise<Detector> {
  return fitMethod(vim, source, options);
}

/** Fits Residual. Needs features and head. */
export function fitResidual(
  source: SourceWith<'features'>,
  options: FitOptions<SubspaceOptions> & WithHead,
): Promise<Detector> {
  return fitMethod(residual, source, options);
}

async function fitSubspace(
  training: Training,
  { principalDimensions }: SubspaceOptions,
  context: FitContext,
): Promise<Found> {
  const { products, signal } = context;
  const { where } = training;
  const { dim, mean, total: totalCovariance } = await momentsOf(training, { products });
  const head = headOf(where, context, dim);
  const count = principalDimensions ?? usualDimensions(dim);
  if (count >= dim) requireOption(where, 'principalDimensions', count, wholeUpTo(dim - 1));
  const origin = await headOrigin(where, head, products);
  const around = totalCovariance();
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j < dim; j++) around[i * dim + j]! += (mean[i]! - origin[i]!) * (mean[j]! - origin[j]!);
  }
  const directions = await principalDirections(around, dim, { count, products, signal });
  return {
    options: { principalDimensions: count },
    arrays: {
      origin: { shape: [dim], data: origin },
      directions: { shape: [directions.length / dim, dim], data: directions },
    },
  };
}

function usualDimensions(dim: number): number {
  if (dim >= 2048) return 1000;
  return dim >= 768 ? 512 : Math.max(1, Math.floor(dim / 2));
}

/** |x − Pᵀ P x| of x = f − u: subtracted element by element, because a difference of squared norms would lose digits. */
function residualNorm(f: Formula, features: Value, arrays: Readonly<Record<string, NumericArray>>): Value {
  const centered = f.subtract(features, f.constant(arrays.origin!));
  const directions = f.constant(arrays.directions!);
  const along = f.matMul(f.matMul(centered, f.transpose(directions, [1, 0])), directions);
  return f.norm(f.subtract(centered, along));
}

/**
 * Sums over the ID rows of the largest logit (0 without logits) and of the residual's norm.
 *
 * @throws DetectorsError `SINGULAR_COVARIANCE` where the residuals are rounding
 */
async function residualsOf(
  training: Training,
  { origin, directions }: Readonly<Record<string, NumericArray>>,
  { products }: FitContext,
): Promise<{ largest: number; norms: number }> {
  const [rank, dim] = directions!.shape as [number, number];
  const basis = directions!.data as Float64Array;
  let [largest, norms, lengths] = [0, 0, 0];
  for await (const { features, logits, count } of training.blocks()) {
    const centered = new Float64Array(features.data);
    for (let at = 0; at < centered.length; at++) centered[at]! -= origin!.data[at % dim]!;
    const along = await products.multiply(
      await products.multiplyTransposed(centered, basis, dim),
      basis,
      rank,
    );
    for (let row = 0; row < count; row++) {
      let [sum, square] = [0, 0];
      for (let at = row * dim; at < (row + 1) * dim; at++) {
        sum += (centered[at]! - along[at]!) ** 2;
        square += centered[at]! ** 2;
      }
      norms += Math.sqrt(sum);
      lengths += Math.sqrt(square);
      let best = Number.NEGATIVE_INFINITY;
      for (let c = row * logits.cols; c < (row + 1) * logits.cols; c++)
        best = Math.max(best, logits.data[c]!);
      if (logits.cols > 0) largest += best;
    }
  }
  if (norms > ROUNDING * lengths) return { largest, norms };
  throw new DetectorsError('SINGULAR_COVARIANCE', {
    where: training.where,
    expected: 'ID features with some variance beyond the leading directions',
    got: `${rank} of ${dim} directions that hold all of them to within rounding`,
    advice: 'take fewer principalDimensions, or pass more rows that differ',
    details: { directions: rank, dim },
  });
}
