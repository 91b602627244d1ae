import { argmaxRows } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitArguments } from '../contract/fit-arguments.ts';
import { formulaMethod } from '../formula/formula-method.ts';

/** Smallest probability of a class mean: its logarithm stays finite. */
const SMALLEST = 1e-30;

/**
 * KL matching: score = min_c KL(p ‖ d_c), p the softmax of the logits, d_c the mean softmax of the ID training rows predicted as c (Hendrycks
 * et al., 2022; there on held-out rows). Classes that no row is predicted as have no d_c.
 */
export const klMatching = formulaMethod({
  name: 'kl-matching',
  title: 'KL matching',
  paper: 'Hendrycks et al., 2022: Scaling out-of-distribution detection for real-world settings',
  needs: ['logits'],
  reads: ['logits'],
  defaults: {},
  rules: {},
  stores: () => ({ numbers: ['classes'], arrays: { logPosteriors: ['logits', 'classes'] } }),
  async fit(training) {
    const sums = new Map<number, { readonly sum: Float64Array; count: number }>();
    let classes = 0;
    for await (const { logits, count } of training.blocks()) {
      classes = logits.cols;
      const predicted = argmaxRows(logits);
      for (let row = 0; row < count; row++) {
        const own = sums.get(predicted[row]!) ?? { sum: new Float64Array(classes), count: 0 };
        sums.set(predicted[row]!, own);
        own.count++;
        softmaxOf(logits.data.subarray(row * classes, (row + 1) * classes)).forEach((p, c) => {
          own.sum[c]! += p;
        });
      }
    }
    const known = [...sums].sort(([a], [b]) => a - b);
    const logs = new Float64Array(classes * known.length);
    known.forEach(([, { sum, count }], k) => {
      for (let c = 0; c < classes; c++)
        logs[c * known.length + k] = Math.log(Math.max(sum[c]! / count, SMALLEST));
    });
    return {
      numbers: { classes: known.length },
      arrays: { logPosteriors: { shape: [classes, known.length], data: logs } },
    };
  },
  formula: (f, { logits }, { arrays }) => {
    const logs = f.subtract(logits, f.logSumExp(logits));
    const p = f.exp(logs);
    const cross = f.matMul(p, f.constant(arrays.logPosteriors!));
    return f.subtract(f.sum(f.multiply(p, logs)), f.largest(cross));
  },
});

/** Fits KL matching's class posteriors. Needs logits. */
export function fitKlMatching(...rowsAndOptions: FitArguments<object, 'logits'>): Promise<Detector> {
  return fitMethod(klMatching, ...rowsAndOptions);
}

function softmaxOf(logits: Float32Array | Float64Array): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) largest = Math.max(largest, logit);
  const exps = Float64Array.from(logits, logit => Math.exp(logit - largest));
  const sum = exps.reduce((total, value) => total + value, 0);
  return exps.map(value => value / sum);
}
