import { isOodError } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { evaluate, MetricsError, wilson } from '../src/index.ts';
import { golden } from './golden.ts';

const thousand = golden.cases.find(c => c.name === 'thousand')!;

describe('evaluate', () => {
  it('gives every metric with an interval that contains it', () => {
    const result = evaluate(thousand.id_scores, thousand.ood_scores, { replicates: 200 });
    for (const name of [
      'auroc',
      'averagePrecisionOod',
      'averagePrecisionId',
      'fpr95IdAccepted',
      'fpr95OodCaught',
      'detectionError',
    ] as const) {
      const { value, interval } = result[name];
      expect(interval.low, name).toBeLessThan(value);
      expect(interval.high, name).toBeGreaterThan(value);
      expect(interval.high - interval.low, name).toBeLessThan(0.15);
    }
    expect(result.auroc.value).toBeCloseTo(thousand.auroc, 12);
    expect(result.belowChance).toBe(false);
    expect(result.warnings).toEqual([]);
    expect(result.oodShare).toBeCloseTo(700 / 1700, 15);
  });

  it('gives the same intervals for the same seed and others for another', () => {
    const options = { replicates: 50, seed: 7 };
    const first = evaluate(thousand.id_scores, thousand.ood_scores, options);
    expect(evaluate(thousand.id_scores, thousand.ood_scores, options)).toEqual(first);
    const other = evaluate(thousand.id_scores, thousand.ood_scores, { ...options, seed: 8 });
    expect(other.fpr95IdAccepted.interval).not.toEqual(first.fpr95IdAccepted.interval);
  });

  it('reports an AUROC below one half as it is, with a flag and a warning', () => {
    const result = evaluate(thousand.ood_scores, thousand.id_scores, { replicates: 20 });
    expect(result.auroc.value).toBeCloseTo(1 - thousand.auroc, 12);
    expect(result.belowChance).toBe(true);
    expect(result.warnings.join()).toContain('below 0.5');
  });

  it('shows that a perfect result is not certain', () => {
    const id = Array.from({ length: 40 }, (_, i) => i);
    const ood = id.map(x => x + 1000);
    const result = evaluate(id, ood, { replicates: 20 });
    expect(result.auroc.interval.high).toBe(1);
    expect(result.auroc.interval.low).toBeCloseTo(0.025 ** (1 / 40), 12);
    expect(result.fpr95IdAccepted.value).toBe(0);
    expect(result.fpr95IdAccepted.interval.high).toBeGreaterThan(0.08);
    expect(result.warnings.join()).toContain('separated');
  });

  it('stops when the signal is aborted', () => {
    const controller = new AbortController();
    const run = () =>
      evaluate([1, 2], [2, 3], {
        signal: controller.signal,
        onProgress: ({ done }) => done === 5 && controller.abort('enough'),
      });
    expect(run).toThrow(expect.objectContaining({ code: 'ABORTED' }));
  });
});

describe('bad input to evaluate', () => {
  const nan = Number.NaN;
  it.each([
    ['no ID score', [], [1], 'EMPTY_INPUT', { name: 'id' }],
    ['no OOD score', [1], [], 'EMPTY_INPUT', { name: 'ood' }],
    [
      'NaN among OOD',
      [1],
      [1, nan, 2, nan],
      'NON_FINITE',
      { name: 'ood', count: 2, firstIndex: 1, length: 4 },
    ],
    ['infinity among ID', [0, 1, -1 / 0], [1], 'NON_FINITE', { name: 'id', count: 1, firstIndex: 2 }],
  ] as const)('refuses %s', (_, id, ood, code, details) => {
    try {
      evaluate(id, ood);
      expect.unreachable();
    } catch (error) {
      expect(isOodError(error)).toBe(true);
      expect(error).toMatchObject({ code, details });
      expect((error as MetricsError).message).toMatch(/^\w+: expected .+, got .+; .+/);
    }
  });
});

describe('wilson', () => {
  it('has the values of Newcombe (1998), table I', () => {
    const { value, interval } = wilson(81, 263);
    expect(value).toBeCloseTo(0.308, 3);
    expect(interval.low).toBeCloseTo(0.2553, 4);
    expect(interval.high).toBeCloseTo(0.3662, 4);
    expect(wilson(0, 20).interval).toMatchObject({ low: 0 });
    expect(wilson(0, 20).interval.high).toBeCloseTo(0.1611, 4);
    expect(wilson(1, 29).interval.low).toBeCloseTo(0.0061, 4);
    expect(wilson(1, 29).interval.high).toBeCloseTo(0.1718, 4);
  });

  it('refuses more successes than trials', () => {
    expect(() => wilson(3, 2)).toThrow(MetricsError);
  });
});
