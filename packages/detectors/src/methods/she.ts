import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitArguments } from '../contract/fit-arguments.ts';
import { DetectorsError } from '../errors.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { firstBlock } from '../statistics/first-block.ts';
import { requireAgreement } from '../statistics/label-agreement.ts';
import { groupMeans } from '../statistics/means.ts';

/**
 * Simplified Hopfield energy: score = −⟨f, S_ŷ⟩, S_c the mean feature of the correctly classified ID training rows of class c, ŷ the
 * predicted class (Zhang et al., 2023). A class without a correctly classified row has the mean of all of them.
 */
export const she = formulaMethod({
  name: 'she',
  title: 'SHE',
  paper:
    'Zhang et al., 2023: Out-of-distribution detection based on in-distribution data patterns memorization with modern Hopfield energy',
  needs: ['features', 'logits', 'labels'],
  reads: ['features', 'logits'],
  defaults: {},
  rules: {},
  stores: () => ({ numbers: ['correct'], arrays: { patterns: ['logits', 'features'] } }),
  async fit(training) {
    await requireAgreement(training);
    const classes = (await firstBlock(training)).logits.cols;
    const { means, counts, dim } = await groupMeans(training, classes, ({ labels }, row, predicted) =>
      predicted[row] === labels[row] ? labels[row]! : -1,
    );
    const all = counts.reduce((sum, count) => sum + count, 0);
    counts.forEach((count, empty) => {
      if (count > 0) return;
      for (let c = 0; c < classes; c++) {
        for (let i = 0; i < dim; i++)
          means[empty * dim + i]! += (counts[c]! / Math.max(1, all)) * means[c * dim + i]!;
      }
    });
    if (all === 0) throw noneCorrect(training.where);
    const without = counts.filter(count => count === 0).length;
    return {
      numbers: { correct: all },
      arrays: { patterns: { shape: [classes, dim], data: means } },
      warnings:
        without === 0
          ? []
          : [
              `${without} of ${classes} classes have no correctly classified row: the mean of all stands in, so inputs of these classes score alike`,
            ],
    };
  },
  formula: (f, { features, logits }, { arrays }) =>
    f.negate(f.sum(f.multiply(features, f.rowOfLargest(f.constant(arrays.patterns!), logits)))),
});

/** Fits SHE's patterns. Needs features, logits and labels (without these, every row counts as correctly classified). */
export function fitShe(
  ...rowsAndOptions: FitArguments<object, 'features' | 'logits' | 'labels'>
): Promise<Detector> {
  return fitMethod(she, ...rowsAndOptions);
}

function noneCorrect(where: string): DetectorsError {
  return new DetectorsError('LABELS_MISMATCH', {
    where,
    expected: 'rows that the classifier gets right',
    got: 'none',
    advice: 'check that labels and logits belong together, and that labels start at 0',
  });
}
