import { describe, expect, it } from 'vitest';
import { averageRanks } from '../src/index.ts';

describe('averageRanks', () => {
  it.each([
    // Demšar (2006), JMLR 7, table 5: critical values of the two-tailed Nemenyi test.
    [2, 1.96, 1.645],
    [3, 2.343, 2.052],
    [4, 2.569, 2.291],
    [5, 2.728, 2.459],
    [6, 2.85, 2.589],
    [7, 2.949, 2.693],
    [8, 3.031, 2.78],
    [9, 3.102, 2.855],
    [10, 3.164, 2.92],
  ])('has the critical values of the literature for %d methods', (k, at5, at10) => {
    const rows = [Float64Array.from({ length: k }, (_, i) => i)];
    const q = (confidence: number) =>
      averageRanks(rows, { confidence }).criticalDifference / Math.sqrt((k * (k + 1)) / 6);
    expect(q(0.95)).toBeCloseTo(at5, 2);
    expect(q(0.9)).toBeCloseTo(at10, 2);
  });

  it.each([
    // scipy 1.17.1: scipy.stats.studentized_range.ppf(0.95, k, numpy.inf) / numpy.sqrt(2)
    [2, 1.9599639845400534],
    [5, 2.7277743708703763],
    [20, 3.5437991315177815],
    [29, 3.731868816886574],
  ])('has the quantile of scipy for %d methods', (k, q) => {
    const { criticalDifference } = averageRanks([Float64Array.from({ length: k }, (_, i) => i)]);
    expect(criticalDifference / Math.sqrt((k * (k + 1)) / 6)).toBeCloseTo(q, 7);
  });

  it('gives the best rank 1, and methods that tie the mean of their ranks', () => {
    const { ranks, criticalDifference, methods, dataSets } = averageRanks([
      [0.9, 0.8, 0.9],
      [0.5, 0.7, 0.6],
      [1, 1, 1],
      [0.2, 0.3, 0.1],
    ]);
    expect([...ranks]).toEqual([(1.5 + 3 + 2 + 2) / 4, (3 + 1 + 2 + 1) / 4, (1.5 + 2 + 2 + 3) / 4]);
    expect(criticalDifference).toBeCloseTo(2.3437 * Math.sqrt(12 / 24), 3);
    expect({ methods, dataSets }).toEqual({ methods: 3, dataSets: 4 });
  });

  it('refuses what cannot be ranked', () => {
    expect(() => averageRanks([])).toThrow(/at least two methods on at least one data set, got no data set/);
    expect(() => averageRanks([[1]])).toThrow(/got 1/);
    expect(() => averageRanks([[1, 2], [1]])).toThrow(/values\[1\]: expected 2 figures/);
    expect(() => averageRanks([[1, Number.NaN]])).toThrow(/values\[0\]/);
  });
});
