import { createRandom } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { adjustPValues, compare, compareAll, delongTest, meanInterval } from '../src/index.ts';
import { golden } from './golden.ts';

describe.each(golden.paired)('reference pair $name', reference => {
  const a = { id: reference.id_scores[0], ood: reference.ood_scores[0] };
  const b = { id: reference.id_scores[1], ood: reference.ood_scores[1] };
  const test = delongTest(a, b);

  it('has both AUROCs and their covariance', () => {
    for (const i of [0, 1] as const) {
      expect(Math.abs(test.auroc[i] - reference.auroc[i])).toBeLessThan(1e-12);
      for (const j of [0, 1] as const) {
        expect(Math.abs(test.covariance[i][j] - reference.covariance[i][j])).toBeLessThan(1e-12);
      }
    }
  });

  it('has the difference, z and p', () => {
    expect(Math.abs(test.difference - reference.difference)).toBeLessThan(1e-12);
    expect(Math.abs(test.variance - reference.variance_of_difference)).toBeLessThan(1e-12);
    if (reference.z === null) {
      expect(test).toMatchObject({ z: null, p: null, interval: null });
      return;
    }
    expect(Math.abs(test.z! / reference.z - 1)).toBeLessThan(1e-9);
    expect(Math.abs(test.p! / reference.p_two_sided! - 1)).toBeLessThan(1e-9);
  });

  it('changes sign when the detectors are swapped', () => {
    const swapped = delongTest(b, a);
    expect(swapped.difference).toBe(0 - test.difference);
    expect(swapped.p).toBe(test.p);
  });
});

describe('compare', () => {
  const named = (name: string) => {
    const pair = golden.paired.find(p => p.name === name)!;
    return [0, 1].map(i => ({ id: pair.id_scores[i]!, ood: pair.ood_scores[i]! }));
  };
  const [strong, weak] = named('independent');

  it('finds the better detector and gives every metric an interval around its difference', () => {
    const result = compare(strong!, weak!, { replicates: 300 });
    expect(result.better).toBe('a');
    expect(result.auroc.p).toBe(result.delong.p);
    for (const name of ['auroc', 'averagePrecisionOod', 'averagePrecisionId', 'detectionError'] as const) {
      const { a, b, difference, interval } = result[name];
      expect(difference).toBeCloseTo(a - b, 12);
      expect(interval!.low, name).toBeLessThan(difference);
      expect(interval!.high, name).toBeGreaterThan(difference);
    }
    expect(compare(weak!, strong!, { replicates: 20 }).better).toBe('b');
  });

  it('sees no difference between a detector and itself', () => {
    const result = compare(strong!, strong!, { replicates: 20 });
    expect(result.better).toBeNull();
    expect(result.auroc).toMatchObject({ difference: 0, p: null, interval: null });
    expect(result.fpr95IdAccepted).toMatchObject({ difference: 0, p: 1 });
  });

  it('tells a perfect detector from a constant and from an inverted one, though neither test has a variance', () => {
    const rising = (count: number) => {
      const id = Float64Array.from({ length: count }, (_, i) => i);
      return { id, ood: id.map(score => score + count) };
    };
    const constant = (count: number) => ({ id: new Float64Array(count), ood: new Float64Array(count) });
    const [perfect, flat] = [rising(40), constant(40)];
    const inverted = { id: perfect.ood, ood: perfect.id };
    const result = compare(perfect, flat, { replicates: 20 });
    expect(result.better).toBe('a');
    expect(result.delong).toMatchObject({ variance: 0, z: null, difference: 0.5 });
    expect(result.delong.p).toBeCloseTo(2 * (2 / 3) ** 40, 12);
    expect(result.auroc.interval).toMatchObject({ method: 'disjoint-pairs' });
    expect(result.auroc.interval!.low).toBeGreaterThan(0);
    expect(result.auroc.interval!.high).toBeGreaterThan(0.5);
    expect(compare(inverted, perfect, { replicates: 20 })).toMatchObject({
      better: 'b',
      auroc: { difference: -1, interval: { low: -1 }, p: expect.closeTo(2 * 0.5 ** 40, 15) },
    });
    expect(compare(rising(4), constant(4), { replicates: 20 }).better).toBeNull();
    expect(compare(perfect, rising(40), { replicates: 20 }).auroc).toMatchObject({ p: null, interval: null });
  });

  it('never has a p-value of 0, so that it can be adjusted', () => {
    const id = Float64Array.from({ length: 3000 }, (_, i) => i);
    const good = { id, ood: id.map(score => score + 2900) };
    const bad = { id: id.map((_, i) => (i * 7919) % 3000), ood: id.map((_, i) => (i * 104729) % 3000) };
    const tests = [
      delongTest(good, bad),
      delongTest(good, { id: new Float64Array(3000), ood: new Float64Array(3000) }),
    ];
    const p = tests.map(test => test.p!);
    expect(Math.max(...p)).toBe(Number.MIN_VALUE);
    expect([...adjustPValues(p)]).toEqual([2 * Number.MIN_VALUE, 2 * Number.MIN_VALUE]);
  });

  it('refuses detectors scored on different samples, naming the lengths', () => {
    expect(() => compare(strong!, { id: [1, 2], ood: weak!.ood })).toThrow(
      expect.objectContaining({ code: 'WRONG_SHAPE', details: { 'a.id': 80, 'b.id': 2 } }),
    );
  });

  it('corrects all pairwise tests for their number by Holm', () => {
    const [third] = named('independent').map(({ id, ood }) => ({
      id: id.map(s => -s),
      ood: ood.map(s => -s),
    }));
    const rows = compareAll({ strong: strong!, weak: weak!, third: third! });
    expect(rows.map(({ a, b }) => `${a}-${b}`)).toEqual(['strong-weak', 'strong-third', 'weak-third']);
    const raw = rows.map(({ test }) => test.p!);
    const largest = Math.max(...raw);
    for (const { test, adjustedP } of rows) {
      expect(adjustedP!).toBeGreaterThanOrEqual(test.p!);
      if (test.p === largest) expect(adjustedP!).toBeCloseTo(largest, 12);
    }
    expect(rows[1]!.adjustedP!).toBeCloseTo(3 * rows[1]!.test.p!, 12);
  });

  it('rejects a true null at about its level', () => {
    const random = createRandom(5);
    const draw = (n: number, shift: number, common: number[]) =>
      common.slice(0, n).map(c => c + random.uniform() + random.uniform() + shift);
    let rejected = 0;
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      const common = Array.from({ length: 60 }, () => random.uniform());
      const a = { id: draw(60, 0, common), ood: draw(60, 0.3, common) };
      const b = { id: draw(60, 0, common), ood: draw(60, 0.3, common) };
      if (delongTest(a, b).p! <= 0.05) rejected++;
    }
    // Binomial(400, 0.05): mean 20, standard deviation 4.4.
    expect(rejected).toBeGreaterThan(6);
    expect(rejected).toBeLessThan(36);
  });
});

describe('meanInterval', () => {
  it("uses Student's quantile", () => {
    const { value, standardDeviation, interval } = meanInterval([1, 2, 3, 4, 5]);
    expect(value).toBeCloseTo(3, 14);
    expect(standardDeviation).toBeCloseTo(Math.sqrt(2.5), 14);
    // t(0.975, 4) = 2.7764451051977934
    expect(interval!.high - 3).toBeCloseTo(2.7764451051977934 * Math.sqrt(0.5), 11);
  });

  it.each([1e-200, 1, 1e200, 4e307])('scales with its values (%d)', scale => {
    const { interval, standardDeviation } = meanInterval([-1, 0, 1, 2, 3].map(value => value * scale));
    expect(standardDeviation! / scale).toBeCloseTo(Math.sqrt(2.5), 12);
    expect(interval!.high / scale - 1).toBeCloseTo(2.7764451051977934 * Math.sqrt(0.5), 11);
  });

  it('is of no width for equal values', () => {
    expect(meanInterval([0, 0, 0])).toMatchObject({
      value: 0,
      standardDeviation: 0,
      interval: { low: 0, high: 0 },
    });
  });

  it('claims no interval from one seed', () => {
    expect(meanInterval([0.9])).toEqual({ value: 0.9, count: 1, standardDeviation: null, interval: null });
  });
});
