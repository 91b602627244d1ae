import { createRandom } from '@ood/core';
import { describe, expect, it } from 'vitest';
import {
  benjaminiHochberg,
  calibrate,
  classConditionalThresholds,
  conformalPValues,
  conformalThreshold,
  exceedsClassThreshold,
  type MetricsError,
  randomizedConformalPValues,
} from '../src/index.ts';
import { golden } from './golden.ts';
import { binomialSlack, normalScores } from './simulation.ts';

describe('conformal p-values', () => {
  it('have the reference values', () => {
    const { calibration, test, p } = golden.conformal;
    conformalPValues(calibration, test).forEach((value, i) => {
      expect(Math.abs(value - p[i]!)).toBeLessThan(1e-12);
    });
    expect(conformalPValues(calibrate(calibration), test)).toEqual(conformalPValues(calibration, test));
  });

  it('randomised lie between the strict and the plain one, and repeat under one seed', () => {
    const { calibration, test, p } = golden.conformal;
    const randomised = randomizedConformalPValues(calibration, test, { seed: 3 });
    expect(randomizedConformalPValues(calibration, test, { seed: 3 })).toEqual(randomised);
    expect(randomizedConformalPValues(calibration, test, { seed: 4 })).not.toEqual(randomised);
    randomised.forEach((value, i) => {
      const above = calibration.filter(c => c > test[i]!).length / (calibration.length + 1);
      expect(value).toBeGreaterThan(above);
      expect(value).toBeLessThanOrEqual(p[i]!);
    });
  });

  it.each([0.01, 0.05, 0.1, 0.5])('randomised are uniform even with ties: P(p ≤ %d)', level => {
    const random = createRandom(11);
    const trials = 4000;
    let atMost = 0;
    for (let trial = 0; trial < trials; trial++) {
      const scores = Array.from({ length: 31 }, () => Math.floor(4 * random.uniform()));
      const [p] = randomizedConformalPValues(scores.slice(1), scores.slice(0, 1), { seed: trial });
      if (p! <= level) atMost++;
    }
    expect(Math.abs(atMost - trials * level)).toBeLessThan(binomialSlack(trials, level));
  });
});

describe('conformal threshold', () => {
  it('has the band of the design: n = 500, alpha = 5 % gives 3.3 to 7.1 %', () => {
    const result = conformalThreshold(
      Array.from({ length: 500 }, (_, i) => i),
      { alpha: 0.05 },
    );
    expect(result).toMatchObject({ rank: 25, count: 500, threshold: 475, expectedRate: 25 / 501 });
    expect((100 * result.rateBand.low).toFixed(1)).toBe('3.3');
    expect((100 * result.rateBand.high).toFixed(1)).toBe('7.1');
    expect(result.guarantee).toMatch(
      /^Averaged over calibration sets, an exchangeable ID input is rejected with probability at most 5 %/,
    );
    expect(result.guarantee).toContain('Beta(25, 476)');
  });

  it.each([
    [19, 0.05, 1],
    [99, 0.29, 29],
    [99, 0.07, 7],
    [999, 0.001, 1],
    [18, 0.1, 1],
    [500, 0.5, 250],
  ])('of %d scores at alpha %d is the %d-th largest', (n, alpha, rank) => {
    const scores = Array.from({ length: n }, (_, i) => i);
    expect(conformalThreshold(scores, { alpha })).toMatchObject({ rank, threshold: n - rank });
  });

  it('rejects exactly the scores whose p-value is at most alpha, ties included', () => {
    const random = createRandom(2);
    for (let trial = 0; trial < 200; trial++) {
      const calibration = Array.from({ length: 25 + trial }, () => Math.floor(12 * random.uniform()));
      const alpha = 0.04 + 0.5 * random.uniform();
      const { threshold } = conformalThreshold(calibration, { alpha });
      const scores = Array.from({ length: 15 }, (_, i) => i - 1);
      const p = conformalPValues(calibration, scores);
      expect(scores.map(s => s > threshold)).toEqual(Array.from(p, value => value <= alpha));
    }
  });

  it('says how many scores it needs when there are too few', () => {
    expect(() => conformalThreshold([1, 2, 3], { alpha: 0.05 })).toThrow(
      expect.objectContaining({ code: 'TOO_FEW', details: { count: 3, needed: 19, alpha: 0.05 } }),
    );
  });

  it.each([1 / 49, 0.05, 1 / 3, 0.07, 1 / 98, 0.29])(
    'needs exactly as many scores as it says, at alpha = %d',
    alpha => {
      const needed = (count: number): number => {
        try {
          conformalThreshold(new Float64Array(count).fill(1), { alpha });
          return count;
        } catch (error) {
          return (error as MetricsError).details.needed as number;
        }
      };
      const claimed = needed(1);
      expect(needed(claimed)).toBe(claimed);
      if (claimed > 1) expect(() => conformalThreshold(new Float64Array(claimed - 1), { alpha })).toThrow();
    },
  );

  it('keeps its promise in simulation: the mean rate, and the Beta band of single sets', () => {
    const random = createRandom(21);
    const sets = 1000;
    let total = 0;
    let inside = 0;
    for (let set = 0; set < sets; set++) {
      // Uniform scores: the true rejection rate of a threshold t is 1 − t.
      const calibration = Float64Array.from({ length: 100 }, () => random.uniform());
      const { threshold, rateBand } = conformalThreshold(calibration, { alpha: 0.1 });
      total += 1 - threshold;
      if (1 - threshold >= rateBand.low && 1 - threshold <= rateBand.high) inside++;
    }
    const [a, b] = [10, 91];
    const deviation = Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1)) / sets);
    expect(Math.abs(total / sets - 10 / 101)).toBeLessThan(4 * deviation);
    expect(Math.abs(inside - 0.95 * sets)).toBeLessThan(binomialSlack(sets, 0.95));
  });
});

describe('class-conditional thresholds', () => {
  const random = createRandom(31);
  const draw = (count: number) => {
    const predicted = Int32Array.from({ length: count }, () => Math.floor(3 * random.uniform()));
    const noise = normalScores(random, count);
    return { predicted, scores: noise.map((z, i) => z * (1 + 3 * predicted[i]!) + 10 * predicted[i]!) };
  };

  it('hold the rate within every predicted class, where one common threshold does not', () => {
    const calibration = draw(6000);
    const test = draw(30000);
    const flags = exceedsClassThreshold(classConditionalThresholds(calibration, { alpha: 0.05 }), test);
    const common = conformalThreshold(calibration.scores, { alpha: 0.05 }).threshold;
    for (const c of [0, 1, 2]) {
      const rows = Array.from(test.predicted.keys()).filter(i => test.predicted[i] === c);
      const rate = rows.filter(i => flags[i] === 1).length / rows.length;
      const commonRate = rows.filter(i => test.scores[i]! > common).length / rows.length;
      expect(Math.abs(rate - 0.05), `class ${c}`).toBeLessThan(0.025);
      expect(Math.abs(commonRate - 0.05), `class ${c}`).toBeGreaterThan(0.025);
    }
  });

  it('merge small classes, and use the merged threshold for unseen ones', () => {
    const predicted = [...Array(20).fill(0), ...Array(10).fill(1), ...Array(10).fill(7)];
    const scores = predicted.map((_, i) => i);
    const result = classConditionalThresholds({ scores, predicted }, { alpha: 0.05 });
    expect(result.classes).toEqual([
      { predicted: 0, count: 20, threshold: 19, source: 'own' },
      { predicted: 1, count: 10, threshold: 39, source: 'merged' },
      { predicted: 7, count: 10, threshold: 39, source: 'merged' },
    ]);
    expect(
      Array.from(
        exceedsClassThreshold(result, { scores: [20, 20, 40, 40, 38], predicted: [0, 1, 1, 99, 99] }),
      ),
    ).toEqual([1, 0, 1, 1, 0]);
  });

  it('never reject where nothing can be promised', () => {
    const samples = { scores: [1, 2, 3], predicted: [0, 0, 1] };
    const result = classConditionalThresholds(samples, { fallback: 'never' });
    expect(result.classes.map(c => [c.threshold, c.source])).toEqual([
      [null, 'none'],
      [null, 'none'],
    ]);
    expect(Array.from(exceedsClassThreshold(result, { scores: [1e300], predicted: [0] }))).toEqual([0]);
  });

  it.each([[[0.5]], [[-1]], [[Number.NaN]]])('refuse %j as classes', predicted => {
    expect(() => classConditionalThresholds({ scores: [1], predicted })).toThrow(
      expect.objectContaining({ code: 'INVALID_VALUE' }),
    );
  });
});

describe('Benjamini–Hochberg on a batch', () => {
  it('controls the false discovery rate with one shared calibration set', () => {
    const random = createRandom(41);
    const batches = 400;
    let falseShare = 0;
    let found = 0;
    for (let batch = 0; batch < batches; batch++) {
      const calibration = normalScores(random, 300);
      const scores = [...normalScores(random, 40), ...normalScores(random, 20, 4)];
      const { rejected, count } = benjaminiHochberg(conformalPValues(calibration, scores), { level: 0.2 });
      const wrong = rejected.subarray(0, 40).reduce((sum, r) => sum + r, 0);
      falseShare += count > 0 ? wrong / count : 0;
      found += count - wrong;
    }
    // Theorem 2 of Bates et al.: at most level × share of ID = 0.133; the spread over batches is below 0.12.
    expect(falseShare / batches).toBeLessThan(0.2 * (40 / 60) + 4 * (0.12 / Math.sqrt(batches)));
    expect(falseShare / batches).toBeGreaterThan(0.06);
    expect(found / batches / 20).toBeGreaterThan(0.8);
  });
});
