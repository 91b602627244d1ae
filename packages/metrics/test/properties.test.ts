import { createRandom, isOodError } from '@ood/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  auroc,
  averagePrecisionId,
  averagePrecisionOod,
  conformalPValues,
  conformalThreshold,
  delong,
  detectionMetricNames,
  detectionMetrics,
  evaluate,
  fitSmoothedTail,
  fprAtTpr,
  precisionRecallCurve,
  rocCurve,
  type Scores,
  splitByLabel,
} from '../src/index.ts';
import { normalScores } from './simulation.ts';

const anyScore = fc.double({ noNaN: true, noDefaultInfinity: true });
const tiedScore = fc.integer({ min: -5, max: 5 });
const scores = fc.oneof(
  fc.array(anyScore, { minLength: 1, maxLength: 40 }),
  fc.array(tiedScore, { minLength: 1, maxLength: 40 }),
);

function bruteAuroc(id: Scores, ood: Scores): number {
  let wins = 0;
  for (const y of Array.from(ood)) for (const x of Array.from(id)) wins += y > x ? 1 : y === x ? 0.5 : 0;
  return wins / id.length / ood.length;
}

describe('laws of the ranking metrics', () => {
  it('AUROC is the share of won pairs, for finite scores of any magnitude', () => {
    fc.assert(
      fc.property(scores, scores, (id, ood) => {
        expect(auroc(id, ood)).toBeCloseTo(bruteAuroc(id, ood), 12);
      }),
    );
  });

  it('an increasing map of the scores changes no metric', () => {
    const ranks = (id: number[], ood: number[]) => {
      const distinct = [...new Set([...id, ...ood].map(s => s + 0))].sort((a, b) => a - b);
      return (list: number[]) => list.map(s => distinct.indexOf(s + 0) ** 3 - 1e6);
    };
    fc.assert(
      fc.property(scores, scores, (id, ood) => {
        const map = ranks(id, ood);
        expect(detectionMetrics(map(id), map(ood))).toEqual(detectionMetrics(id, ood));
        expect(delong(map(id), map(ood))).toEqual(delong(id, ood));
      }),
    );
  });

  it('swapping the sets and negating the scores swaps the roles and keeps the AUROC', () => {
    const negate = (list: number[]) => list.map(s => -s);
    fc.assert(
      fc.property(scores, scores, (id, ood) => {
        const there = detectionMetrics(id, ood);
        const back = detectionMetrics(negate(ood), negate(id));
        expect(back.auroc).toBeCloseTo(there.auroc, 12);
        expect(back.averagePrecisionOod).toBeCloseTo(there.averagePrecisionId, 12);
        expect(back.averagePrecisionId).toBeCloseTo(there.averagePrecisionOod, 12);
        expect(back.fpr95IdAccepted).toBeCloseTo(there.fpr95OodCaught, 12);
        expect(back.fpr95OodCaught).toBeCloseTo(there.fpr95IdAccepted, 12);
        expect(back.detectionError).toBeCloseTo(there.detectionError, 12);
      }),
    );
  });

  it('swapping the sets alone gives one minus the AUROC, with the same variance', () => {
    fc.assert(
      fc.property(scores, scores, (id, ood) => {
        expect(auroc(ood, id)).toBeCloseTo(1 - auroc(id, ood), 12);
        const [there, back] = [delong(id, ood).variance, delong(ood, id).variance];
        if (there === null) expect(back).toBeNull();
        else expect(back!).toBeCloseTo(there, 12);
      }),
    );
  });

  it('every metric is in [0, 1] and every interval contains its AUROC', () => {
    fc.assert(
      fc.property(scores, scores, (id, ood) => {
        const metrics = detectionMetrics(id, ood);
        for (const name of detectionMetricNames) {
          expect(metrics[name]).toBeGreaterThanOrEqual(0);
          expect(metrics[name]).toBeLessThanOrEqual(1);
        }
        const { interval } = delong(id, ood);
        expect(interval.low).toBeLessThanOrEqual(metrics.auroc);
        expect(interval.high).toBeGreaterThanOrEqual(metrics.auroc);
      }),
    );
  });

  it('number lists, Float64Array and shuffled labels give the same numbers', () => {
    fc.assert(
      fc.property(scores, scores, fc.integer(), (id, ood, seed) => {
        const random = createRandom(seed);
        const mixed = [...id.map(s => [s, 0] as const), ...ood.map(s => [s, 1] as const)]
          .map(pair => [random.uniform(), pair] as const)
          .sort((a, b) => a[0] - b[0]);
        const split = splitByLabel(
          mixed.map(([, [s]]) => s),
          mixed.map(([, [, label]]) => label),
        );
        expect(detectionMetrics(split.id, split.ood)).toEqual(detectionMetrics(id, ood));
      }),
    );
  });

  it.each([1e6, -1e6])('an offset of %d changes nothing', offset => {
    const random = createRandom(9);
    const exact = (s: number) => Math.round(s * 1024) / 1024;
    const id = Array.from(normalScores(random, 500), exact);
    const ood = Array.from(normalScores(random, 400, 1), exact);
    const moved = detectionMetrics(
      id.map(s => s + offset),
      ood.map(s => s + offset),
    );
    expect(moved).toEqual(detectionMetrics(id, ood));
  });

  it('float32 scores stay float32: ties there are ties', () => {
    const id = Float32Array.of(0.1, 0.2);
    expect(auroc(id, Float32Array.of(0.1, 0.2))).toBe(0.5);
    expect(auroc(id, [0.1, 0.2])).toBe(bruteAuroc(id, [0.1, 0.2]));
  });

  it('constant scores are chance, in every reading', () => {
    expect(detectionMetrics([2, 2, 2], [2])).toEqual({
      auroc: 0.5,
      averagePrecisionOod: 0.25,
      averagePrecisionId: 0.75,
      fpr95IdAccepted: 1,
      fpr95OodCaught: 1,
      detectionError: 0.5,
    });
  });

  it('a million scores agree with the normal theory', () => {
    const random = createRandom(10);
    const metrics = detectionMetrics(normalScores(random, 500_000), normalScores(random, 500_000, 1));
    // Φ(1/√2), Φ(1.645 − 1), Φ(−1/2)
    expect(metrics.auroc).toBeCloseTo(0.76025, 2);
    expect(metrics.fpr95IdAccepted).toBeCloseTo(0.74049, 2);
    expect(metrics.fpr95OodCaught).toBeCloseTo(0.74049, 2);
    expect(metrics.detectionError).toBeCloseTo(0.30854, 2);
  });
});

describe('laws of conformal decisions', () => {
  it('a p-value is at most alpha exactly where the score exceeds the threshold', () => {
    fc.assert(
      fc.property(
        fc.array(tiedScore, { minLength: 20, maxLength: 60 }),
        fc.array(tiedScore, { minLength: 1 }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (calibration, test, alpha) => {
          const { threshold } = conformalThreshold(calibration, { alpha });
          conformalPValues(calibration, test).forEach((p, i) => {
            expect(p <= alpha).toBe(test[i]! > threshold);
          });
        },
      ),
    );
  });
});

describe('bad scores', () => {
  const functions: [string, (id: Scores, ood: Scores) => unknown][] = [
    ['auroc', auroc],
    ['averagePrecisionOod', averagePrecisionOod],
    ['averagePrecisionId', averagePrecisionId],
    ['fprAtTpr', fprAtTpr],
    ['delong', delong],
    ['evaluate', evaluate],
    ['rocCurve', rocCurve],
    ['precisionRecallCurve', precisionRecallCurve],
    ['conformalPValues', conformalPValues],
    ['fitSmoothedTail', (id, ood) => [fitSmoothedTail(ood), fitSmoothedTail(id)]],
  ];

  it.each(functions)('%s refuses NaN and infinities anywhere, with count and first index', (_, run) => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1, 2, Number.NaN, 1 / 0, -1 / 0), { minLength: 2, maxLength: 12 }),
        values => {
          const bad = values.map(v => !Number.isFinite(v));
          fc.pre(bad.includes(true));
          for (const list of [values, Float64Array.from(values), Float32Array.from(values)]) {
            try {
              run([0, 1], list);
              expect.unreachable();
            } catch (error) {
              if (!isOodError(error)) throw error;
              expect(error).toMatchObject({
                code: 'NON_FINITE',
                details: { count: bad.filter(Boolean).length, firstIndex: bad.indexOf(true) },
              });
            }
          }
        },
      ),
    );
  });

  it.each(functions)('%s refuses an empty set of ID scores', (_, run) => {
    expect(() => run([], [0, 1])).toThrow(expect.objectContaining({ code: 'EMPTY_INPUT' }));
  });

  it.each([
    ['labels of one class', [1, 2], [0, 0], 'ONE_CLASS'],
    ['another number of labels', [1, 2], [0], 'WRONG_SHAPE'],
    ['other labels', [1, 2], [0, 2], 'INVALID_VALUE'],
    ['nothing', [], [], 'EMPTY_INPUT'],
  ] as const)('splitByLabel refuses %s', (_, list, labels, code) => {
    expect(() => splitByLabel(list, labels)).toThrow(expect.objectContaining({ code }));
  });

  it.each([0, 1, -1, 2, Number.NaN])('fprAtTpr refuses a TPR of %d', tpr => {
    expect(() => fprAtTpr([0], [1], { tpr })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
