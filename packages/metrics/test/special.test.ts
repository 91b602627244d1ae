import { describe, expect, it } from 'vitest';
import { betaCdf, betaQuantile, logGamma, studentTwoSidedQuantile } from '../src/special/beta.ts';
import {
  logNormalUpperTail,
  normalUpperQuantile,
  normalUpperQuantileOfLog,
  normalUpperTail,
} from '../src/special/normal.ts';

const normal: [number, number, number][] = [
  [-8.0, 0.9999999999999993, -6.220960574271742e-16],
  [-5.0, 0.9999997133484281, -2.8665161296376294e-7],
  [-2.2, 0.9860965524865014, -0.01400100575938457],
  [-1.0, 0.8413447460685429, -0.1727537790234499],
  [-0.3, 0.6179114221889526, -0.4814101615884813],
  [0.0, 0.5, -Math.LN2],
  [0.1, 0.460172162722971, -0.7761545927302733],
  [1.0, 0.15865525393145707, -1.8410216450092634],
  [2.0, 0.022750131948179195, -3.7831843336820317],
  [2.12, 0.017003022647632787, -4.074364147929037],
  [2.13, 0.01658580668360501, -4.099207968416865],
  [3.0, 0.0013498980316300933, -6.60772622151035],
  [5.0, 2.866515718791933e-7, -15.064998393988727],
  [8.0, 6.22096057427174e-16, -35.01343715991456],
  [15.0, 3.6709661993126986e-51, -116.13138484571171],
  [30.0, 4.906713927147908e-198, -454.32124395634327],
  [37.0, 5.7255712225239266e-300, -689.0305855768908],
];
const beta: [number, number, number, number][] = [
  [0.05, 25.0, 476.0, 0.5286492546033885],
  [0.033, 25.0, 476.0, 0.028191223986536798],
  [0.1, 1.0, 20.0, 0.8784233454094308],
  [0.5, 0.5, 0.5, 0.5000000000000001],
  [0.9, 30.0, 2.0, 0.1695646331008649],
  [0.0501, 50000.0, 950001.0, 0.6772949172977197],
  [0.3, 2.5, 7.0, 0.6412224629717214],
];
const logGammas: [number, number][] = [
  [0.1, 2.252712651734206],
  [0.5, 0.5723649429247],
  [1.0, 0.0],
  [2.0, 0.0],
  [3.7, 1.428072326665388],
  [25.0, 54.78472939811232],
  [476.0, 2456.575303290247],
  [50000.0, 490984.42327157187],
  [1000000.0, 12815504.569147611],
];
const student: [number, number, number][] = [
  [0.05, 1.0, 12.706204736174705],
  [0.05, 4.0, 2.7764451051977943],
  [0.05, 9.0, 2.2621571627982053],
  [0.01, 29.0, 2.7563859036706053],
  [0.1, 999.0, 1.6463803454275354],
  [0.001, 3.0, 12.923978636687481],
];

describe('normal distribution, reference values of scipy 1.17.1', () => {
  it.each(normal)('has the upper tail at z = %d', (z, tail, logTail) => {
    expect(Math.abs(normalUpperTail(z) / tail - 1)).toBeLessThan(1e-12);
    expect(Math.abs(logNormalUpperTail(z) / logTail - 1)).toBeLessThan(1e-12);
  });

  it.each(normal.filter(([z]) => z > -6))('inverts the upper tail at z = %d', (z, tail, logTail) => {
    expect(Math.abs(normalUpperQuantile(tail) - z)).toBeLessThan(1e-11 * Math.max(1, Math.abs(z)));
    expect(Math.abs(normalUpperQuantileOfLog(logTail) - z)).toBeLessThan(1e-11 * Math.max(1, Math.abs(z)));
  });

  it.each([-1e3, -1e4, -1e8, -1e12])('inverts a tail that underflows: log p = %d', logP => {
    expect(Math.abs(logNormalUpperTail(normalUpperQuantileOfLog(logP)) / logP - 1)).toBeLessThan(1e-12);
  });
});

describe('beta distribution, reference values of scipy 1.17.1', () => {
  it.each(beta)('has the cdf at %d of Beta(%d, %d)', (x, a, b, cdf) => {
    expect(Math.abs(betaCdf(x, a, b) / cdf - 1)).toBeLessThan(1e-9);
    if (cdf < 0.999) expect(Math.abs(betaQuantile(cdf, a, b) / x - 1)).toBeLessThan(1e-9);
  });

  it.each(logGammas)('has log gamma at %d', (x, value) => {
    expect(Math.abs(logGamma(x) - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)));
  });

  it.each(student)('has the two-sided Student quantile of %d at %d degrees of freedom', (p, df, t) => {
    expect(Math.abs(studentTwoSidedQuantile(p, df) / t - 1)).toBeLessThan(1e-9);
  });
});
