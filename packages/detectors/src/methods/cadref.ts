import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitOptions, SourceWith, WithHead } from '../contract/fit-arguments.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { headOf } from '../formula/head.ts';
import { freeEnergy } from '../formula/terms.ts';
import { logSumExp } from '../statistics/log-sum-exp.ts';
import { groupMeans } from '../statistics/means.ts';

/** Smallest size that is divided by. */
const SMALLEST = 1e-12;

/**
 * CADRef: score = E₊ / E(l) + E₋ / mean E over the ID rows; E₊ = Σ max(0, (f − μ_ŷ) sign w_ŷ) / |f|₁ and E₋ the same of the opposite sign, μ_c the mean of the ID rows
 * predicted as c, E = log Σ exp (Ling et al., 2025, with the energy as logit score). A class that no row is predicted as has the mean of all.
 */
export const cadref = formulaMethod({
  name: 'cadref',
  title: 'CADRef',
  paper:
    'Ling, Chang, Zhao et al., 2025: CADRef: Robust out-of-distribution detection via class-aware decoupled relative feature leveraging',
  needs: ['features', 'logits', 'head'],
  reads: ['features', 'logits'],
  defaults: {},
  rules: {},
  stores: () => ({
    numbers: ['meanEnergy'],
    arrays: { means: ['logits', 'features'], signs: ['logits', 'features'] },
  }),
  async fit(training, _options, context) {
    const classes = context.head!.weights.rows;
    let energies = 0;
    let rows = 0;
    const { means, counts, dim } = await groupMeans(
      training,
      classes,
      ({ logits: { cols, data } }, row, predicted) => {
        energies += logSumExp(data.subarray(row * cols, (row + 1) * cols));
        rows++;
        return predicted[row]!;
      },
    );
    const { weights } = headOf('cadref', context, dim);
    const all = overallMean(means, counts, dim);
    const without = counts.filter(count => count === 0).length;
    counts.forEach((count, c) => {
      if (count === 0) means.set(all, c * dim);
    });
    return {
      numbers: { meanEnergy: Math.max(energies / rows, SMALLEST) },
      arrays: {
        means: { shape: [classes, dim], data: means },
        signs: { shape: [classes, dim], data: Float64Array.from(weights.data, Math.sign) },
      },
      warnings:
        without === 0
          ? []
          : [
              `no row is predicted as ${without} of ${classes} classes: the mean of all rows stands in for theirs`,
            ],
    };
  },
  formula: (f, { features, logits }, { numbers, arrays }) => {
    const center = f.rowOfLargest(f.constant(arrays.means!), logits);
    const signs = f.rowOfLargest(f.constant(arrays.signs!), logits);
    const error = f.multiply(f.subtract(features, center), signs);
    const size = f.atLeast(f.sum(f.abs(features)), SMALLEST);
    const positive = f.divide(f.sum(f.atLeast(error, 0)), size);
    const negative = f.divide(f.sum(f.atLeast(f.negate(error), 0)), size);
    const energy = f.atLeast(f.negate(freeEnergy(f, logits)), SMALLEST);
    return f.add(f.divide(positive, energy), f.divide(negative, numbers.meanEnergy!));
  },
});

/** Fits CADRef's class means. Needs features, logits and head. */
export function fitCadref(
  source: SourceWith<'features'>,
  options: FitOptions<object> & WithHead,
): Promise<Detector> {
  return fitMethod(cadref, source, options);
}

function overallMean(means: Float64Array, counts: Float64Array, dim: number): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const all = new Float64Array(dim);
  counts.forEach((count, c) => {
    for (let i = 0; i < dim; i++) all[i]! += (count / total) * means[c * dim + i]!;
  });
  return all;
}
