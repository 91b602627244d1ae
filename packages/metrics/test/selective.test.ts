import { createRandom } from '@ood/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  auroc,
  detectionMetrics,
  evaluateFailurePrediction,
  riskCoverageCurve,
  selectiveRisk,
  thinCurve,
} from '../src/index.ts';
import { normalScores } from './simulation.ts';

const seed = 1;

/** Mean over coverages of Eᵢ/i and of Eᵢ/n, for one order. */
function areasOf(wrong: readonly number[]): [aurc: number, augrc: number] {
  const n = wrong.length;
  let [errors, aurc, augrc] = [0, 0, 0];
  wrong.forEach((value, i) => {
    errors += value;
    aurc += errors / (i + 1) / n;
    augrc += errors / n / n;
  });
  return [aurc, augrc];
}

function permutations<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first, i) =>
    permutations([...list.slice(0, i), ...list.slice(i + 1)]).map(rest => [first, ...rest]),
  );
}

const cases = fc.array(fc.record({ score: fc.integer({ min: 0, max: 3 }), right: fc.boolean() }), {
  minLength: 1,
  maxLength: 6,
});
const split = (list: readonly { score: number; right: boolean }[]) =>
  [list.map(({ score }) => score), list.map(({ right }) => right)] as const;

describe('selective risk', () => {
  it('by hand: 1, 0 (wrong), 1, 1 in the order of the scores', () => {
    // E = 0, 1, 1, 1: AURC = (0 + 1/2 + 1/3 + 1/4) / 4, optimum (1/4) / 4, AUGRC = 3 / 16.
    const result = selectiveRisk([0.1, 0.2, 0.3, 0.4], [1, 0, 1, 1]);
    expect(result.aurc).toBeCloseTo(13 / 48, 15);
    expect(result.excessAurc).toBeCloseTo(13 / 48 - 1 / 16, 15);
    expect(result.augrc).toBeCloseTo(3 / 16, 15);
    expect(result.errorRate).toBe(0.25);
  });

  it('is the mean over all orders of samples with equal scores', () => {
    fc.assert(
      fc.property(cases, list => {
        const orders = permutations(list).filter(order =>
          order.every((sample, i) => i === 0 || sample.score >= order[i - 1]!.score),
        );
        const areas = orders.map(order => areasOf(order.map(({ right }) => (right ? 0 : 1))));
        const mean = (at: 0 | 1) => areas.reduce((sum, area) => sum + area[at] / areas.length, 0);
        const result = selectiveRisk(...split(list));
        expect(result.aurc).toBeCloseTo(mean(0), 12);
        expect(result.augrc).toBeCloseTo(mean(1), 12);
      }),
      { seed, numRuns: 200 },
    );
  });

  it('exceeds the best order of the same outcomes by the excess, never by less than nothing', () => {
    fc.assert(
      fc.property(cases, list => {
        const { aurc, excessAurc } = selectiveRisk(...split(list));
        const best = Math.min(
          ...permutations(list).map(order => areasOf(order.map(({ right }) => (right ? 0 : 1)))[0]),
        );
        expect(excessAurc).toBeCloseTo(aurc - best, 12);
        expect(excessAurc).toBeGreaterThanOrEqual(0);
      }),
      { seed, numRuns: 100 },
    );
  });

  it('is 0 in excess for a perfect ranking and the error rate for a constant score', () => {
    const correct = [1, 1, 1, 0, 0];
    expect(selectiveRisk([1, 2, 3, 4, 5], correct).excessAurc).toBe(0);
    expect(selectiveRisk([1, 1, 1, 1, 1], correct).aurc).toBeCloseTo(0.4, 15);
    expect(selectiveRisk([1, 2], [1, 1])).toEqual({ aurc: 0, excessAurc: 0, augrc: 0, errorRate: 0 });
  });

  it('at its best approaches r + (1 − r) ln(1 − r), of Geifman, Uziel & El-Yaniv', () => {
    const [n, r] = [20_000, 0.3];
    const scores = Float64Array.from({ length: n }, (_, i) => i);
    const { aurc } = selectiveRisk(
      scores,
      Array.from(scores, i => i < n * (1 - r)),
    );
    expect(aurc).toBeCloseTo(r + (1 - r) * Math.log(1 - r), 4);
  });

  it('has AUGRC linear in the AUROC of failures: ((1 − AUROC) · e(n − e) + e(e + 1)/2) / n²', () => {
    fc.assert(
      fc.property(cases, list => {
        const [scores, correct] = split(list);
        const right = scores.filter((_, i) => correct[i]);
        const wrong = scores.filter((_, i) => !correct[i]);
        fc.pre(right.length > 0 && wrong.length > 0);
        const [n, e] = [list.length, wrong.length];
        const pairs = (1 - auroc(right, wrong)) * e * (n - e) + (e * (e + 1)) / 2;
        // Ties among wrong answers count for each order alike; ties with right ones half.
        expect(selectiveRisk(scores, correct).augrc).toBeCloseTo(pairs / n ** 2, 12);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('does not change under an increasing map of the scores', () => {
    const random = createRandom(5);
    const scores = normalScores(random, 300);
    const correct = Array.from(scores, score => random.normal() > score - 1);
    expect(selectiveRisk(scores.map(Math.exp), correct)).toEqual(selectiveRisk(scores, correct));
  });
});

describe('the risk–coverage curve', () => {
  it('has one point per distinct score', () => {
    const { coverage, risk, thresholds } = riskCoverageCurve([3, 1, 1, 2], [0, 1, 0, true]);
    expect([...coverage]).toEqual([0.5, 0.75, 1]);
    expect([...risk]).toEqual([0.5, 1 / 3, 0.5]);
    expect([...thresholds]).toEqual([1, 2, 3]);
  });

  it('can be thinned for a plot', () => {
    const random = createRandom(6);
    const scores = normalScores(random, 5000);
    const curve = riskCoverageCurve(
      scores,
      Array.from(scores, score => random.normal() > score - 1),
    );
    const thin = thinCurve(curve, { tolerance: 0.01 });
    expect(thin.coverage.length).toBeLessThan(600);
    expect([thin.coverage.at(-1), thin.risk.at(-1)]).toEqual([1, curve.risk.at(-1)]);
  });
});

describe('failure prediction', () => {
  const random = createRandom(7);
  const scores = normalScores(random, 400);
  const correct = Uint8Array.from(scores, score => (random.normal() > score - 1 ? 1 : 0));
  const result = evaluateFailurePrediction(scores, correct, { replicates: 200 });

  it('gives the areas and the ranking of wrong against right answers, with intervals that hold them', () => {
    const { aurc, excessAurc, augrc, errorRate } = selectiveRisk(scores, correct);
    expect(result).toMatchObject({
      count: 400,
      aurc: { value: aurc },
      excessAurc: { value: excessAurc },
      augrc: { value: augrc },
      errorRate: { value: errorRate },
    });
    const right = scores.filter((_, i) => correct[i] === 1);
    const wrong = scores.filter((_, i) => correct[i] === 0);
    const metrics = detectionMetrics(right, wrong);
    for (const [name, { value }] of Object.entries(result.ranking!))
      expect(value).toBe(metrics[name as keyof typeof metrics]);
    for (const { value, interval } of [result.aurc, result.excessAurc, result.augrc, result.ranking!.auroc]) {
      expect(interval.low).toBeLessThan(value);
      expect(interval.high).toBeGreaterThan(value);
    }
  });

  it('covers the true AUGRC in about 95 of 100 samples', () => {
    // Φ of a normal score is uniform: P(wrong) = s/2 there, so r = 1/4 and AUGRC = ∫₀¹ c²/4 dc = 1/12.
    let covered = 0;
    const runs = 200;
    for (let run = 0; run < runs; run++) {
      const rng = createRandom(900 + run);
      const uncertain = Float64Array.from({ length: 200 }, () => rng.uniform());
      const outcomes = Uint8Array.from(uncertain, s => (rng.uniform() > s / 2 ? 1 : 0));
      const { interval } = evaluateFailurePrediction(uncertain, outcomes, { replicates: 100 }).augrc;
      if (interval.low <= 1 / 12 && 1 / 12 <= interval.high) covered += 1;
    }
    expect(covered / runs).toBeGreaterThan(0.88);
  });

  it('has no ranking where all answers are alike, and is the same for the same seed', () => {
    expect(evaluateFailurePrediction([1, 2, 3], [1, 1, 1], { replicates: 20 }).ranking).toBeNull();
    expect(evaluateFailurePrediction([1, 2, 3], [0, 0, 0], { replicates: 20 }).errorRate.value).toBe(1);
    expect(evaluateFailurePrediction(scores, correct, { replicates: 200 })).toEqual(result);
  });
});

describe.each([
  ['selectiveRisk', selectiveRisk],
  ['riskCoverageCurve', riskCoverageCurve],
  ['evaluateFailurePrediction', evaluateFailurePrediction],
] as const)('%s', (name, run) => {
  it.each<[string, unknown, unknown, string]>([
    ['no scores', [], [], 'EMPTY_INPUT'],
    ['NaN', [Number.NaN, 1], [1, 1], 'NON_FINITE'],
    ['outcomes of other samples', [1, 2], [1], 'WRONG_SHAPE'],
    ['classes for outcomes', [1, 2], [1, 2], 'INVALID_VALUE'],
    ['no outcomes', [1, 2], undefined, 'INVALID_VALUE'],
  ])('refuses %s', (_, scores, correct, code) => {
    expect(() => run(scores as never, correct as never)).toThrow(
      expect.objectContaining({ code, where: name }),
    );
  });
});
