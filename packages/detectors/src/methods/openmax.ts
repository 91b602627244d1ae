import { wholeFrom } from '@ood/core';
import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitArguments } from '../contract/fit-arguments.ts';
import type { Training } from '../contract/training.ts';
import type { Formula, Value } from '../formula/formula.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { squaredDistances } from '../formula/terms.ts';
import { correctLogits } from '../statistics/correct-logits.ts';
import { requireAgreement } from '../statistics/label-agreement.ts';
import { fitWeibull } from '../statistics/weibull.ts';

export type OpenmaxOptions = {
  /** Largest distances of each class that its Weibull distribution is fitted to. Default 20. */
  readonly tail: number;
  /** Top classes whose logits are revised; at most as many as there are. Default 10. */
  readonly revised: number;
};

/** The tail is moved here before a Weibull is fitted to it, as in libmr, which the paper uses. */
const SHIFT = 10_000;

/**
 * OpenMax: log-odds of the unknown class. Logits l of the `revised` top classes are multiplied by 1 − (α − i)/α · F_c(|l − μ_c|), i the rank from 0, F_c the
 * Weibull distribution of the `tail` largest distances of correctly classified ID rows to their class mean μ_c; what they lose is the logit of the
 * unknown class (Bendale and Boult, 2016, with Euclidean distances). Classes with fewer than two such distances are never revised.
 */
export const openmax = formulaMethod<OpenmaxOptions, 'logits' | 'labels'>({
  name: 'openmax',
  title: 'OpenMax',
  paper: 'Bendale and Boult, 2016: Towards open set deep networks',
  needs: ['logits', 'labels'],
  reads: ['logits'],
  defaults: { tail: 20, revised: 10 },
  rules: { tail: wholeFrom(2), revised: wholeFrom(1) },
  stores: () => ({
    arrays: {
      centers: ['logits', 'logits'],
      shapes: [1, 'logits'],
      scales: [1, 'logits'],
      offsets: [1, 'logits'],
    },
  }),
  async fit(training: Training, { tail, revised }) {
    await requireAgreement(training);
    const { classes, means, rows } = await correctLogits(training);
    const shapes = new Float64Array(classes);
    const scales = new Float64Array(classes).fill(SHIFT);
    const offsets = new Float64Array(classes);
    let without = 0;
    rows.forEach((own, c) => {
      const distances = Float64Array.from(own, row =>
        Math.hypot(...row.map((value, i) => value - means[c * classes + i]!)),
      ).sort();
      const largest = distances.slice(-tail);
      const found = fitWeibull(largest.map(distance => distance - largest[0]! + SHIFT));
      if (found === undefined) {
        without++;
        return;
      }
      shapes[c] = found.shape;
      scales[c] = found.scale;
      // (d + SHIFT − least) / scale = 1 + (d + offset) / scale
      offsets[c] = SHIFT - largest[0]! - found.scale;
    });
    return {
      options: { revised: Math.min(revised, classes) },
      arrays: {
        centers: { shape: [classes, classes], data: means },
        shapes: { shape: [1, classes], data: shapes },
        scales: { shape: [1, classes], data: scales },
        offsets: { shape: [1, classes], data: offsets },
      },
      warnings:
        without === 0
          ? []
          : [
              `${without} of ${classes} classes have no two correctly classified rows that differ: their logits are never revised`,
            ],
    };
  },
  formula: (f, { logits }, { arrays, options: { revised } }) => {
    const distances = f.sqrt(squaredDistances(f, logits, arrays.centers!));
    const excess = f.divide(f.add(distances, f.constant(arrays.offsets!)), f.constant(arrays.scales!));
    const exponent = f.multiply(f.constant(arrays.shapes!), logOfOnePlus(f, excess));
    // A shape of 0 says that there is no distribution.
    const known = f.greater(f.constant(arrays.shapes!), 0);
    const beyond = oneLess(f, f.exp(f.negate(f.exp(f.atMost(exponent, 80)))));
    const lost = f.multiply(f.multiply(known, beyond), rankWeights(f, logits, revised));
    const kept = f.multiply(logits, oneLess(f, lost));
    return f.subtract(f.sum(f.multiply(logits, lost)), f.logSumExp(kept));
  },
});

/** Fits OpenMax's class means and tails. Needs logits and labels (without these, every row counts as correctly classified). */
export function fitOpenmax(
  ...rowsAndOptions: FitArguments<OpenmaxOptions, 'logits' | 'labels'>
): Promise<Detector> {
  return fitMethod(openmax, ...rowsAndOptions);
}

/** (α − rank)/α of the α largest numbers of each row, ranks from 0, and 0 of all others. */
function rankWeights(f: Formula, logits: Value, count: number): Value {
  const top = f.unsqueeze(f.topValues(logits, count), 1);
  const above = f.greaterOrEqual(f.unsqueeze(logits, -1), top);
  return f.divide(f.squeeze(f.sum(above), -1), count);
}

/** log(1 + x), by its series where x is small: 1 + x would lose it in float32. */
function logOfOnePlus(f: Formula, x: Value): Value {
  const coefficients = [-1 / 4, 1 / 3, -1 / 2, 1];
  const series = coefficients.reduce(
    (sum, coefficient) => f.multiply(f.add(sum, coefficient), x),
    f.multiply(x, 0),
  );
  const large = f.greater(f.abs(x), 0.01);
  return f.select(large, f.log(f.atLeast(f.add(x, 1), 1e-30)), series);
}

function oneLess(f: Formula, x: Value): Value {
  return f.add(f.negate(x), 1);
}
