import { count, share } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith } from '../contract/fit-arguments.ts';
import { requireDirections } from '../contract/require-directions.ts';
import { fitClassModel } from '../density/class-model.ts';
import { collectClassRows } from '../density/class-rows.ts';
import { closedForm, closedFormArrays } from '../density/closed-form.ts';
import { closedFormSides } from '../density/density-stored.ts';
import { planDensity } from '../density/plan.ts';
import { neighborPurity } from '../density/purity.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { unitRows } from '../formula/terms.ts';
import { countRows } from './flow-density.ts';

export type TwoCovarianceOptions = {
  /** γ: how far directions in which classes do not differ count less, from 0 to below 1. Default 0.7. */
  readonly background: number;
  /** Seed of the clusters that stand in for classes where there are none. Default 1. */
  readonly seed: number;
};

/**
 * The closed form that `fde` starts from, alone: soft minimum over classes of the Mahalanobis distance within classes less γ times that to
 * all rows, with class means and covariances taken as far as the rows bear them (two-covariance model, Ioffe 2006; the background is that
 * of Ren et al. 2021 in part). What `fde` adds to it are neighbors and, where it pays, the flow.
 */
export const twoCovariance = formulaMethod<TwoCovarianceOptions, 'features'>({
  name: 'two-covariance',
  title: 'Two-covariance model',
  paper:
    'Ioffe, 2006: Probabilistic linear discriminant analysis (class model; background term after Ren et al., 2021)',
  needs: ['features'],
  reads: ['features'],
  defaults: { background: 0.7, seed: 1 },
  rules: { background: share, seed: count },
  stores: ({ arrays }) => ({ arrays: closedFormSides(arrays) }),
  async fit(training, { background, seed }, context) {
    const where = 'two-covariance';
    await countRows(training);
    requireDirections(where, training.seen().features!);
    const rows = await collectClassRows(where, context, { seed });
    const plan = planDensity(rows, await neighborPurity(rows, context.products));
    const model = await fitClassModel(rows, { where, products: context.products, signal: context.signal });
    return {
      numbers: { directions: model.directions, shrinkage: model.shrinkage, purity: plan.purity },
      arrays: closedFormArrays(model, { background, residual: plan.residual }),
    };
  },
  formula: (f, { features }, { arrays }) => closedForm(f, unitRows(f, features), arrays),
});

/** Fits the two-covariance model. Needs features; labels, or what predicts them, where there are classes. */
export function fitTwoCovariance(
  source: SourceWith<'features'>,
  options: FitOptions<TwoCovarianceOptions> = {},
): Promise<Detector> {
  return fitMethod(twoCovariance, source, options);
}
