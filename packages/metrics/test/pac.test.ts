import { createRandom } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { calibrate, conformalThreshold, pacThreshold } from '../src/index.ts';
import { normalUpperTail } from '../src/special/normal.ts';
import { binomialSlack, normalScores } from './simulation.ts';

const ramp = (count: number) => Float64Array.from({ length: count }, (_, i) => i);

/** P(X ≥ k) of Binomial(n, p), term by term: P(Beta(k, n + 1 − k) ≤ p) by another way. */
function binomialTail(n: number, p: number, k: number): number {
  let below = 0;
  let term = (1 - p) ** n;
  for (let i = 0; i < k; i++) {
    below += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return 1 - below;
}

describe('a PAC threshold', () => {
  // Wilks' tables of one-sided tolerance limits, 95 % of the population with 95 % confidence.
  it.each([
    [1, 59],
    [2, 93],
    [3, 124],
    [4, 153],
    [5, 181],
    [6, 208],
  ])('of rank %d needs the %d scores of Wilks', (rank, count) => {
    expect(pacThreshold(ramp(count)).rank).toBe(rank);
    if (rank > 1) expect(pacThreshold(ramp(count - 1)).rank).toBe(rank - 1);
    expect(pacThreshold(ramp(count)).threshold).toBe(count - rank);
  });

  it.each([
    [200, 0.05, 0.95],
    [500, 0.05, 0.9],
    [500, 0.01, 0.95],
    [1000, 0.1, 0.99],
  ])(
    'of %d scores at alpha %d with confidence %d has the largest rank that the binomial allows',
    (n, alpha, confidence) => {
      const {
        rank,
        rateBound,
        confidence: achieved,
        expectedRate,
      } = pacThreshold(ramp(n), { alpha, confidence });
      expect(binomialTail(n, alpha, rank)).toBeGreaterThanOrEqual(confidence);
      expect(binomialTail(n, alpha, rank + 1)).toBeLessThan(confidence);
      expect(achieved).toBeCloseTo(binomialTail(n, alpha, rank), 9);
      expect(rateBound).toBeLessThanOrEqual(alpha);
      expect(binomialTail(n, rateBound, rank)).toBeCloseTo(confidence, 9);
      expect(expectedRate).toBeLessThan(rateBound);
    },
  );

  it('holds its rate for as many calibration sets as it says, where the average promise breaks about every second', () => {
    const [n, alpha, confidence, sets] = [200, 0.05, 0.9, 4000];
    const random = createRandom(71);
    let broken = 0;
    let brokenOnAverage = 0;
    for (let set = 0; set < sets; set++) {
      const calibration = calibrate(normalScores(random, n));
      // Normal scores, so that the true rate of each threshold is known.
      if (normalUpperTail(pacThreshold(calibration, { alpha, confidence }).threshold) > alpha) broken += 1;
      if (normalUpperTail(conformalThreshold(calibration, { alpha }).threshold) > alpha) brokenOnAverage += 1;
    }
    const expected = 1 - pacThreshold(ramp(n), { alpha, confidence }).confidence;
    expect(expected).toBeLessThanOrEqual(1 - confidence);
    expect(Math.abs(broken - sets * expected)).toBeLessThan(binomialSlack(sets, expected));
    expect(brokenOnAverage / sets).toBeGreaterThan(0.35);
  });

  it('stays within its promise with ties', () => {
    const [n, alpha, sets] = [120, 0.1, 2000];
    const random = createRandom(72);
    let broken = 0;
    for (let set = 0; set < sets; set++) {
      // Five equal values: the rate of "greater than the threshold" is known.
      const { threshold } = pacThreshold(
        Float64Array.from({ length: n }, () => random.below(5)),
        { alpha },
      );
      if ((4 - threshold) / 5 > alpha) broken += 1;
    }
    expect(broken).toBeLessThan(sets * 0.05 + binomialSlack(sets, 0.05));
  });

  it('says what it promises', () => {
    expect(pacThreshold(ramp(500)).guarantee).toBe(
      'With probability 95 % over calibration sets of 500, an exchangeable ID input is rejected with probability at most 5 %; on average over sets, with 3.39 %.',
    );
  });

  it.each([
    [0.05, 0.95, 59],
    [0.01, 0.95, 299],
    [0.5, 0.5, 1],
    [0.1, 0.99, 44],
  ])('at alpha %d with confidence %d names the %d scores that it needs', (alpha, confidence, needed) => {
    expect(pacThreshold(ramp(needed), { alpha, confidence }).rank).toBe(1);
    if (needed === 1) return;
    const few = () => pacThreshold(ramp(needed - 1), { alpha, confidence });
    expect(few).toThrow(
      expect.objectContaining({ code: 'TOO_FEW', details: expect.objectContaining({ needed }) }),
    );
    const [, least] = /alpha of at least ([\d.e-]+)/.exec(messageOf(few))!;
    expect(pacThreshold(ramp(needed - 1), { alpha: Number(least) + 1e-12, confidence }).rank).toBe(1);
  });

  it.each([
    ['no scores', () => pacThreshold([]), 'EMPTY_INPUT'],
    ['NaN', () => pacThreshold([Number.NaN]), 'NON_FINITE'],
    ['alpha 1', () => pacThreshold(ramp(100), { alpha: 1 }), 'INVALID_OPTION'],
    ['confidence as text', () => pacThreshold(ramp(100), { confidence: '0.95' as never }), 'INVALID_OPTION'],
  ])('is refused with %s', (_, run, code) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
