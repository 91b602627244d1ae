import { isOodError } from '@ood/core';
import { describe, expect, it } from 'vitest';
import {
  auroc,
  averagePrecisionOod,
  benjaminiHochberg,
  calibrate,
  classConditionalThresholds,
  compare,
  compareAll,
  conformalPValues,
  conformalThreshold,
  delong,
  detectionMetrics,
  effectiveRank,
  evaluate,
  evaluateClassifier,
  featureNorms,
  fitFusion,
  fitSmoothedTail,
  fprAtTpr,
  neuralCollapse,
  randomizedConformalPValues,
  rocCurve,
  smoothedLogPValues,
  splitByLabel,
} from '../src/index.ts';

/** What arrives from untyped code. */
const any = (value: unknown): never => value as never;
const throughJson = (value: unknown): never => any(JSON.parse(JSON.stringify(value)));
const good = { id: [1, 2, 3], ood: [2, 3, 4] };
const huge = { rows: 4, cols: 2, data: Float64Array.of(1e200, 2, 3, 4, -1e200, 6, 1, 2) };

describe('mistakes of untyped callers are named, never a TypeError and never NaN', () => {
  it.each<[string, () => unknown, string, RegExp]>([
    ['no scores', () => auroc(any(undefined), [1]), 'INVALID_VALUE', /^auroc: expected id to be an array/],
    ['one number', () => auroc(any(5), any(6)), 'INVALID_VALUE', /got number/],
    ['both sets in one object', () => auroc(any(good), any(undefined)), 'INVALID_VALUE', /id, ood/],
    ['a text', () => detectionMetrics(any('abc'), [1]), 'INVALID_VALUE', /got string/],
    ['numbers as text', () => averagePrecisionOod(any(['1']), [2]), 'NON_FINITE', /string 1/],
    ['an object as OOD', () => evaluate([1, 2], any({})), 'INVALID_VALUE', /^evaluate: expected ood/],
    ['no OOD for DeLong', () => delong([1], any(null)), 'INVALID_VALUE', /got null/],
    ['no OOD for a curve', () => rocCurve([1], any(undefined)), 'INVALID_VALUE', /ood/],
    ['a TPR as text', () => fprAtTpr([1], [2], { tpr: any('0.95') }), 'INVALID_OPTION', /"0.95"/],
    [
      'a confidence as text',
      () => evaluate([1, 2], [2, 3], { confidence: any('0.9') }),
      'INVALID_OPTION',
      /"0.9"/,
    ],
    [
      'arrays instead of pairs',
      () => compare(any([1, 2]), any([3, 4])),
      'INVALID_VALUE',
      /^compare: .*a\.id/,
    ],
    ['one detector', () => compare(good, any(undefined)), 'INVALID_VALUE', /b\.id/],
    [
      'NaN in the second detector',
      () => compare(good, { id: good.id, ood: [1, Number.NaN, 2] }),
      'NON_FINITE',
      /^compare: .*b\.ood/,
    ],
    [
      'NaN in a named detector',
      () => compareAll({ knn: good, flow: { id: good.id, ood: [1, Number.NaN, 2] } }),
      'NON_FINITE',
      /^compareAll: .*flow\.ood/,
    ],
    ['no labels', () => splitByLabel([1, 2], any(undefined)), 'INVALID_VALUE', /isOod/],
    ['no calibration', () => conformalPValues(any(undefined), [1]), 'INVALID_VALUE', /calibration/],
    ['one score', () => conformalPValues([1, 2], any(2)), 'INVALID_VALUE', /scores/],
    [
      'a calibration out of JSON',
      () => conformalPValues(throughJson(calibrate([1, 2])), [1]),
      'INVALID_VALUE',
      /calibration\.sorted.*Float64Array\.from/,
    ],
    [
      'the same for a threshold',
      () => conformalThreshold(throughJson(calibrate([1, 2])), { alpha: 0.5 }),
      'INVALID_VALUE',
      /calibration\.sorted/,
    ],
    [
      'a tail out of JSON',
      () => smoothedLogPValues(throughJson(fitSmoothedTail([1, 2, 3])), [1]),
      'INVALID_VALUE',
      /tail\.sorted/,
    ],
    [
      'a seed that is none',
      () => randomizedConformalPValues([1, 2], [1], { seed: Number.NaN }),
      'INVALID_OPTION',
      /seed/,
    ],
    [
      'one detector to fuse, flat',
      () => fitFusion(any([1, 2]), any([1, 2])),
      'INVALID_VALUE',
      /reference\[0\]/,
    ],
    [
      'no predicted classes',
      () => classConditionalThresholds(any({ scores: [1, 2] })),
      'INVALID_VALUE',
      /predicted/,
    ],
    ['rows as arrays', () => evaluateClassifier(any([[1, 2]]), [0]), 'WRONG_SHAPE', /rows, cols, data/],
    [
      'a plain array as data',
      () => evaluateClassifier(any({ rows: 1, cols: 2, data: [1, 2] }), [0]),
      'WRONG_SHAPE',
      /Float32Array/,
    ],
    ['no features', () => featureNorms(any(undefined)), 'WRONG_SHAPE', /features/],
    [
      'a calibration that was never sorted',
      () => conformalPValues({ sorted: Float64Array.of(3, 1, 2) }, [2]),
      'INVALID_VALUE',
      /^conformalPValues: .*ascending order, got 1 at index 1; make it with calibrate/,
    ],
    [
      'a calibration with NaN',
      () => conformalThreshold({ sorted: Float64Array.of(1, Number.NaN) }, { alpha: 0.5 }),
      'INVALID_VALUE',
      /got NaN at index 1/,
    ],
    [
      'a calibration with infinity',
      () => conformalThreshold({ sorted: Float64Array.of(1, Number.POSITIVE_INFINITY) }, { alpha: 0.5 }),
      'INVALID_VALUE',
      /got Infinity at index 1/,
    ],
    [
      'an empty calibration',
      () => conformalPValues({ sorted: new Float64Array() }, [2]),
      'EMPTY_INPUT',
      /got none/,
    ],
    [
      'no calibration rows to fuse',
      () => fitFusion([[1, 2, 3]], [[]]),
      'EMPTY_INPUT',
      /^fitFusion: .*calibration/,
    ],
    [
      'no reference rows to fuse',
      () => fitFusion([[]], [[1]]),
      'EMPTY_INPUT',
      /^fitFusion: .*reference\[0\]/,
    ],
    ['scores as p-values', () => benjaminiHochberg([2]), 'INVALID_VALUE', /^benjaminiHochberg: /],
  ])('%s', (_, run, code, message) => {
    try {
      run();
      expect.unreachable();
    } catch (error) {
      if (!isOodError(error)) throw error;
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
    }
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['entries whose squares overflow', () => effectiveRank(huge), 'INVALID_VALUE'],
    ['the same in NC1', () => neuralCollapse(huge, [0, 0, 1, 1]), 'INVALID_VALUE'],
  ])('%s', async (_, run, code) => {
    await expect(run()).rejects.toMatchObject({ code });
  });

  it('huge norms have a finite spread', () => {
    expect(featureNorms(huge).standardDeviation).toBeGreaterThan(1e199);
    expect(featureNorms(huge).standardDeviation).toBeLessThan(1e200);
  });

  it('swapped sets are reported as such', () => {
    expect(evaluate([5, 6, 7], [1, 2, 3], { replicates: 20 }).warnings.join()).toContain(
      'ID scores come first',
    );
  });
});

describe('Benjamini–Hochberg at the bound', () => {
  it('rejects conformal p-values that meet it exactly, whatever their rounding', () => {
    for (let denominator = 10; denominator <= 300; denominator += 10) {
      for (let k = 1; k <= 40; k++) {
        for (const percent of [1, 5, 10, 20]) {
          // p = percent / 100 / k is representable as a conformal p-value c / (n + 1) where c is whole.
          const c = (percent * denominator) / 100 / k;
          if (!Number.isInteger(c)) continue;
          const pValues = Array.from({ length: k }, (_, i) => (i === 0 ? c / denominator : 1));
          expect(
            benjaminiHochberg(pValues, { level: percent / 100 }).count,
            `${c}/${denominator}, ${k}`,
          ).toBe(1);
        }
      }
    }
  });
});
