import { createRandom } from '@ood/core';
import { describe, expect, it } from 'vitest';
import {
  adjustPValues,
  benjaminiHochberg,
  type CombinationMethod,
  combinationMethods,
  combinePValues,
  conformalThreshold,
  fitFusion,
  fitSmoothedTail,
  fusedScores,
  fusionPValues,
  smoothedLogPValues,
} from '../src/index.ts';
import { golden } from './golden.ts';
import { binomialSlack, normalScores } from './simulation.ts';

const relative = (actual: number, expected: number) => Math.abs(actual / expected - 1);

describe.each(golden.p_values)('reference p-values $name', reference => {
  const combined = reference.p_combined ?? reference.p;

  it.each([
    ['fisher', 'fisher', false],
    ['stouffer', 'stouffer', false],
    ['stouffer', 'stouffer_weighted', true],
    ['largest', 'tippett', false],
  ] as const)('combine by %s as scipy (%s)', (method, key, weighted) => {
    const weights = weighted ? { weights: reference.weights_of_stouffer_weighted } : {};
    const expected = reference.combined[key]!.p;
    const tolerance = expected < 1e-200 ? 1e-6 : 1e-9;
    expect(relative(combinePValues(combined, { method, ...weights }).p, expected)).toBeLessThan(tolerance);
    // A p-value of exactly 1 is taken care of here.
    expect(relative(combinePValues(reference.p, { method, ...weights }).p, expected)).toBeLessThan(tolerance);
  });

  it('adjust by Benjamini–Hochberg and Benjamini–Yekutieli as scipy', () => {
    const hochberg = adjustPValues(reference.p, { method: 'benjamini-hochberg' });
    const yekutieli = adjustPValues(reference.p, { method: 'benjamini-yekutieli' });
    reference.p.forEach((_, i) => {
      expect(relative(hochberg[i]!, reference.adjusted_bh[i]!)).toBeLessThan(1e-12);
      expect(relative(yekutieli[i]!, reference.adjusted_by[i]!)).toBeLessThan(1e-12);
    });
    const { rejected, count } = benjaminiHochberg(reference.p, { level: 0.05 });
    expect(Array.from(rejected, Boolean)).toEqual(reference['rejected_bh_at_0.05']);
    expect(count).toBe(reference['rejected_bh_at_0.05'].filter(Boolean).length);
  });

  it('adjust by Holm between Bonferroni and nothing', () => {
    const holm = adjustPValues(reference.p);
    const bonferroni = adjustPValues(reference.p, { method: 'bonferroni' });
    holm.forEach((value, i) => {
      expect(value).toBeLessThanOrEqual(bonferroni[i]!);
      expect(value).toBeGreaterThanOrEqual(reference.p[i]!);
    });
  });
});

describe('combining p-values', () => {
  it("has Cauchy's formula for ordinary values and its limit for tiny ones", () => {
    const p = [0.01, 0.2, 0.7];
    const statistic = p.reduce((sum, x) => sum + Math.tan((0.5 - x) * Math.PI) / 3, 0);
    expect(combinePValues(p, { method: 'cauchy' }).p).toBeCloseTo(0.5 - Math.atan(statistic) / Math.PI, 12);
    expect(relative(combinePValues([1e-300, 1e-300], { method: 'cauchy' }).p, 1e-300)).toBeLessThan(1e-12);
    const around = [3.9e-18, 4.3e-18].map(x => combinePValues([x, 0.3], { method: 'cauchy' }).p / x);
    expect(relative(around[0]!, around[1]!)).toBeLessThan(1e-12);
  });

  it('is continuous where Cauchy goes over to its limit, also beside p-values of 1', () => {
    const at = (logP: number) =>
      combinePValues([Math.exp(logP), 1, 1, 1, 1], { method: 'cauchy' }).logP - logP;
    for (let logP = -45; logP > -700; logP -= 0.5)
      expect(Math.abs(at(logP - 0.5) - at(logP))).toBeLessThan(1);
    expect(at(-60)).toBeCloseTo(Math.log(5), 8);
    expect(Math.abs(at(-39.99) - at(-40.01))).toBeLessThan(0.01);
    expect(Math.abs(at(-689.99) - at(-690.01))).toBeLessThan(1e-10);
  });

  it.each(combinationMethods)('%s leaves a single p-value as it is', method => {
    for (const p of [1e-300, 1e-9, 0.03, 0.5, 0.9]) {
      expect(relative(combinePValues([p], { method }).p, p)).toBeLessThan(1e-10);
    }
  });

  it.each(combinationMethods)('%s grows with every p-value and never leaves [0, 1]', method => {
    const random = createRandom(7);
    for (let trial = 0; trial < 300; trial++) {
      const p = Array.from({ length: 4 }, () => Math.max(random.uniform() ** 8, 1e-12));
      const larger = p.map((x, i) => (i === trial % 4 ? Math.min(1, 1.5 * x) : x));
      const [small, large] = [combinePValues(p, { method }), combinePValues(larger, { method })];
      expect(small.logP).toBeLessThanOrEqual(large.logP + 1e-12);
      expect(large.p).toBeLessThanOrEqual(1);
    }
  });

  it.each<[CombinationMethod, number]>([
    ['fisher', 0.05],
    ['stouffer', 0.05],
    ['largest', 0.05],
    ['cauchy', 0.05],
  ])('%s is uniform for independent p-values', (method, level) => {
    const random = createRandom(8);
    const trials = 5000;
    let atMost = 0;
    for (let trial = 0; trial < trials; trial++) {
      const p = Array.from({ length: 3 }, () => 1 - random.uniform());
      if (combinePValues(p, { method }).p <= level) atMost++;
    }
    expect(Math.abs(atMost - trials * level)).toBeLessThan(binomialSlack(trials, level));
  });

  it.each([
    ['zero', [0.1, 0], {}, 'INVALID_VALUE'],
    ['more than one', [1.1], {}, 'INVALID_VALUE'],
    ['none', [], {}, 'EMPTY_INPUT'],
    ['NaN', [Number.NaN], {}, 'NON_FINITE'],
    ['weights for Fisher', [0.1], { weights: [1] }, 'INVALID_OPTION'],
    ['too few weights', [0.1, 0.2], { method: 'stouffer', weights: [1] }, 'WRONG_SHAPE'],
    ['a negative weight', [0.1, 0.2], { method: 'stouffer', weights: [1, -1] }, 'INVALID_OPTION'],
    ['an unknown method', [0.1], { method: 'mean' as never }, 'INVALID_OPTION'],
  ] as const)('refuses %s', (_, p, options, code) => {
    expect(() => combinePValues(p, options)).toThrow(expect.objectContaining({ code }));
  });
});

describe('smoothed tail', () => {
  const calibration = normalScores(createRandom(3), 500);
  const tail = fitSmoothedTail(calibration);

  it('never falls as the score falls, and keeps ranking far beyond the sample', () => {
    const scores = Float64Array.from({ length: 4000 }, (_, i) => -5 + i * 0.01);
    const logP = smoothedLogPValues(tail, [...scores, 1e4, 1e6, 1e300]);
    for (let i = 1; i < logP.length; i++) {
      expect(logP[i]!).toBeLessThanOrEqual(logP[i - 1]!);
      if (i > 700) expect(logP[i]!).toBeLessThan(logP[i - 1]!);
    }
  });

  it('is the conformal p-value up to its start and close to the truth just beyond the sample', () => {
    expect(Math.exp(smoothedLogPValues(tail, [0])[0]!)).toBeCloseTo(
      (1 + calibration.filter(c => c >= 0).length) / 501,
      12,
    );
    // P(Z > 3) = 0.00135
    const p = Math.exp(smoothedLogPValues(tail, [3])[0]!);
    expect(p).toBeGreaterThan(0.0004);
    expect(p).toBeLessThan(0.006);
  });

  it('steps down to the next distinct score when the top is tied', () => {
    const tied = fitSmoothedTail([0, 1, ...Array(20).fill(2)]);
    expect(tied).toMatchObject({ start: 1, startP: 21 / 23 });
    expect(tied.scale).toBeCloseTo(1, 12);
  });

  it('refuses constant scores', () => {
    expect(() => fitSmoothedTail([2, 2, 2])).toThrow(expect.objectContaining({ code: 'CONSTANT_INPUT' }));
  });
});

describe('fusion of detectors', () => {
  const random = createRandom(51);
  /** Two dependent detectors: their scores share a common part. */
  const draw = (count: number, shift: readonly [number, number]) => {
    const common = normalScores(random, count);
    return shift.map(s => normalScores(random, count, s).map((z, i) => z + common[i]!));
  };

  it.each(combinationMethods)('%s rejects dependent ID inputs at the promised rate', method => {
    let rejected = 0;
    const [sets, tests] = [200, 50];
    for (let set = 0; set < sets; set++) {
      const fusion = fitFusion(draw(100, [0, 0]), draw(99, [0, 0]), { method });
      const p = fusionPValues(fusion, draw(tests, [0, 0]));
      rejected += p.reduce((sum, value) => sum + (value <= 0.1 ? 1 : 0), 0);
    }
    // Rates of single calibration sets follow Beta(10, 90): deviation 0.03, over 200 sets 0.0021, and the binomial part 0.003.
    expect(rejected / sets / tests).toBeLessThan(0.1 + 4 * 0.0037);
    expect(rejected / sets / tests).toBeGreaterThan(0.1 - 4 * 0.0037);
  });

  it.each(combinationMethods)('%s: a confident detector never cancels the alarm of the other', method => {
    const fusion = fitFusion(draw(500, [0, 0]), draw(500, [0, 0]), { method });
    const { threshold } = conformalThreshold(fusion.calibration);
    for (const confident of [0, -3, -30, -1e6]) {
      const [fused] = fusedScores(fusion, [[40], [confident]]);
      expect(fused!, `other score ${confident}`).toBeGreaterThan(threshold);
    }
  });

  it.each(combinationMethods)('%s grows with each score far beyond the calibration sample', method => {
    const fusion = fitFusion(draw(500, [0, 0]), draw(500, [0, 0]), { method });
    const fused = fusedScores(fusion, [
      [4, 8, 50, 1e4, 1e8],
      [0, 0, 0, 0, 0],
    ]);
    for (let i = 1; i < fused.length; i++) expect(fused[i]!).toBeGreaterThan(fused[i - 1]!);
  });

  it('refuses another number of detectors and unequal rows', () => {
    const fusion = fitFusion(draw(100, [0, 0]), draw(100, [0, 0]));
    expect(() => fusedScores(fusion, [[1]])).toThrow(expect.objectContaining({ code: 'WRONG_SHAPE' }));
    expect(() => fusedScores(fusion, [[1], [1, 2]])).toThrow(
      expect.objectContaining({ code: 'WRONG_SHAPE' }),
    );
    expect(() => fitFusion([], [])).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
