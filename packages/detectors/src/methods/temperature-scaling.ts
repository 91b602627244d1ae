import type { Detector } from '../contract/detector.ts';
import { fitMethod } from '../contract/fit.ts';
import type { FitArguments } from '../contract/fit-arguments.ts';
import type { Training } from '../contract/training.ts';
import { DetectorsError } from '../errors.ts';
import { formulaMethod } from '../formula/formula-method.ts';
import { requireAgreement } from '../statistics/label-agreement.ts';

/** Range of temperatures considered. */
const COLDEST = 0.01;
const HOTTEST = 100;
const MOST_STEPS = 60;
/** Stands for the logarithm of 0. */
const LOWEST = -1e30;
const SMALLEST = 1e-30;

/** MSP at the temperature that minimizes the negative log-likelihood of the labels: ranked by −p, p = max_c softmax(l / T)_c (Guo et al., 2017), as score = log((1 − p) / p). */
export const temperatureScaling = formulaMethod({
  name: 'temperature-scaling',
  title: 'Temperature scaling',
  paper: 'Guo, Pleiss, Sun and Weinberger, 2017: On calibration of modern neural networks (scored by MSP)',
  needs: ['logits', 'labels'],
  reads: ['logits'],
  defaults: {},
  rules: {},
  stores: () => ({ numbers: ['temperature'] }),
  async fit(training) {
    await requireAgreement(training);
    const temperature = 1 / (await bestInverseTemperature(training));
    return { numbers: { temperature }, warnings: boundWarnings(temperature) };
  },
  // log((1 − p) / p) ranks as −p does, and never ties where p is 1 to within rounding.
  formula: (f, { logits }, { numbers }) => {
    const below = f.divide(f.subtract(logits, f.largest(logits)), numbers.temperature!);
    const isLargest = f.greaterOrEqual(below, 0);
    const others = f.logSumExp(f.select(isLargest, LOWEST, below));
    const equals = f.subtract(f.sum(isLargest), 1);
    const tied = f.log(f.atLeast(f.add(equals, f.exp(f.atMost(others, 0))), SMALLEST));
    return f.select(f.greater(equals, 0), tied, others);
  },
});

/** Fits the temperature on labeled ID rows, best ones that the classifier was not trained on. */
export function fitTemperatureScaling(
  ...rowsAndOptions: FitArguments<object, 'logits' | 'labels'>
): Promise<Detector> {
  return fitMethod(temperatureScaling, ...rowsAndOptions);
}

/** The likelihood is concave in β = 1 / T: Newton's method within a shrinking bracket finds its one maximum. */
async function bestInverseTemperature(training: Training): Promise<number> {
  let [low, high] = [1 / HOTTEST, 1 / COLDEST];
  let beta = 1;
  for (let step = 0; step < MOST_STEPS; step++) {
    const { slope, curvature } = await derivatives(training, beta);
    if (slope > 0) high = beta;
    else low = beta;
    let next = beta - slope / curvature;
    if (!(next > low && next < high)) next = Math.sqrt(low * high);
    if (Math.abs(next - beta) <= 1e-12 * beta) return next;
    beta = next;
  }
  return beta;
}

/** Of the mean negative log-likelihood: log Σ exp(β l_c) − β l_y. */
async function derivatives(training: Training, beta: number): Promise<{ slope: number; curvature: number }> {
  let [slope, curvature, rows] = [0, 0, 0];
  for await (const { logits, labels, count } of training.blocks()) {
    if (training.labels() === 'predicted') throw needsLabels(training.where);
    const { cols, data } = logits;
    for (let row = 0; row < count; row++) {
      const own = data.subarray(row * cols, (row + 1) * cols);
      if (labels[row]! >= cols) throw unknownClass(training.where, labels[row]!, cols);
      let largest = Number.NEGATIVE_INFINITY;
      for (const logit of own) if (logit > largest) largest = logit;
      let [sum, first, second] = [0, 0, 0];
      for (const logit of own) {
        const below = logit - largest;
        const weight = Math.exp(beta * below);
        sum += weight;
        first += weight * below;
        second += weight * below * below;
      }
      const mean = first / sum;
      slope += mean + largest - own[labels[row]!]!;
      curvature += second / sum - mean * mean;
    }
    rows += count;
  }
  return { slope: slope / rows, curvature: curvature / rows };
}

function boundWarnings(temperature: number): string[] {
  if (temperature > COLDEST * 1.001 && temperature < HOTTEST * 0.999) return [];
  const cause =
    temperature < 1
      ? 'every row is classified right; pass rows that the classifier was not trained on'
      : 'the labels fit no better than chance; check that they belong to the logits';
  return [
    `the best temperature lies beyond the bound ${temperature < 1 ? COLDEST : HOTTEST} of the search: ${cause}`,
  ];
}

function needsLabels(where: string): DetectorsError {
  return new DetectorsError('MISSING_INPUT', {
    where,
    expected: 'labels',
    got: 'logits only',
    advice:
      "pass true labels: with the classifier's own predictions in their place, the best temperature is 0",
    details: { need: 'labels' },
  });
}

function unknownClass(where: string, label: number, classes: number): DetectorsError {
  return new DetectorsError('WRONG_SHAPE', {
    where,
    expected: `labels below ${classes}, the number of logits`,
    got: String(label),
    advice: 'use the column of the logits as label',
  });
}
