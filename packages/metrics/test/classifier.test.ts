import { readFileSync } from 'node:fs';
import { createRandom, type Matrix } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { evaluateClassifier } from '../src/index.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), 'utf8'));
const problem: { id_x: number[][]; id_y: number[]; W: number[][]; b: number[] } = read('features');
const reference = read('extra').id_classifier;

const rows = problem.id_x.map(x =>
  problem.W.map((weights, c) => weights.reduce((sum, w, k) => sum + w * x[k]!, problem.b[c]!)),
);
const logits: Matrix = { rows: rows.length, cols: rows[0]!.length, data: Float64Array.from(rows.flat()) };
const softmax = rows.map(row => {
  const exponentials = row.map(v => Math.exp(v));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map(e => e / sum);
});
const probabilities: Matrix = { ...logits, data: Float64Array.from(softmax.flat()) };

describe('evaluateClassifier', () => {
  it.each([
    ['logits', logits],
    ['probabilities', probabilities],
  ] as const)('has the values of scikit-learn from %s', (outputs, matrix) => {
    const result = evaluateClassifier(matrix, problem.id_y, { outputs, replicates: 200 });
    expect(result.accuracy.value).toBeCloseTo(reference.accuracy, 12);
    expect(result.brierScore.value).toBeCloseTo(reference.brier, 12);
    expect(result.negativeLogLikelihood.value).toBeCloseTo(reference.negative_log_likelihood, 12);
    expect(result.expectedCalibrationError.value).toBeCloseTo(reference.expected_calibration_error_15, 12);
    for (const name of [
      'accuracy',
      'brierScore',
      'negativeLogLikelihood',
      'expectedCalibrationError',
    ] as const) {
      const { value, interval } = result[name];
      expect(interval.low).toBeLessThan(value);
      expect(interval.high).toBeGreaterThan(value);
    }
  });

  it('bins confidences, and the bins add up to the calibration error', () => {
    const result = evaluateClassifier(logits, problem.id_y, { bins: 5, replicates: 20 });
    expect(result.expectedCalibrationError.value).toBeCloseTo(reference.expected_calibration_error_5, 12);
    const error = result.reliability.reduce(
      (sum, bin) => sum + (bin.count / result.count) * Math.abs((bin.confidence ?? 0) - (bin.accuracy ?? 0)),
      0,
    );
    expect(error).toBeCloseTo(result.expectedCalibrationError.value, 12);
    expect(result.reliability.reduce((sum, bin) => sum + bin.count, 0)).toBe(result.count);
  });

  it('keeps the calibration error inside its own interval, and 0 near it for a calibrated classifier', () => {
    const random = createRandom(5);
    let reaching = 0;
    for (let trial = 0; trial < 40; trial++) {
      const confidence = Float64Array.from({ length: 500 }, () => 0.5 + random.uniform() / 2);
      const data = Float64Array.from(
        { length: 1000 },
        (_, i) => (i % 2 === 0 ? 0 : 1) + (i % 2 === 0 ? 1 : -1) * confidence[i >> 1]!,
      );
      const right = Array.from(confidence, c => (random.uniform() < c ? 0 : 1));
      const options = { outputs: 'probabilities', replicates: 60 } as const;
      const { value, interval } = evaluateClassifier(
        { rows: 500, cols: 2, data },
        right,
        options,
      ).expectedCalibrationError;
      expect(interval.low).toBeGreaterThanOrEqual(0);
      expect(interval.low).toBeLessThanOrEqual(value);
      expect(interval.high).toBeGreaterThanOrEqual(value);
      if (interval.low < 0.02) reaching++;
    }
    expect(reaching).toBeGreaterThan(30);
  });

  it('puts every confidence into the bin whose ends hold it, also on an end', () => {
    for (const bins of [10, 15, 100]) {
      const edges = Array.from({ length: bins }, (_, i) => (i + 1) / bins).filter(edge => edge > 0.5);
      const data = Float64Array.from(edges.flatMap(edge => [edge, 1 - edge]));
      const labels = edges.map(() => 0);
      const options = { outputs: 'probabilities', bins, replicates: 20 } as const;
      const { reliability } = evaluateClassifier({ rows: edges.length, cols: 2, data }, labels, options);
      for (const { low, high, count, confidence } of reliability) {
        expect(count).toBe(edges.includes(high) ? 1 : 0);
        if (confidence !== null) expect([confidence > low, confidence <= high]).toEqual([true, true]);
      }
    }
  });

  it('does not overflow, and counts the first of equal outputs', () => {
    const matrix = { rows: 2, cols: 2, data: new Float32Array([1e30, -1e30, 5, 5]) };
    const result = evaluateClassifier(matrix, [0, 1], { replicates: 20 });
    expect(result.accuracy.value).toBe(0.5);
    expect(result.negativeLogLikelihood.value).toBeCloseTo(Math.LN2 / 2, 12);
    const sure = { rows: 1, cols: 2, data: new Float32Array([1, 0]) };
    const wrong = evaluateClassifier(sure, [1], { outputs: 'probabilities', replicates: 20 });
    expect(wrong.negativeLogLikelihood.value).toBeCloseTo(149 * Math.LN2, 10);
    expect(wrong.brierScore.value).toBe(2);
  });

  it.each([
    ['logits called probabilities', logits, problem.id_y, { outputs: 'probabilities' }, 'INVALID_VALUE'],
    ['a label without a column', logits, problem.id_y.map(() => 5), {}, 'INVALID_VALUE'],
    ['too few labels', logits, [0], {}, 'WRONG_SHAPE'],
    ['an unknown kind', logits, problem.id_y, { outputs: 'scores' as never }, 'INVALID_OPTION'],
    ['no bins', logits, problem.id_y, { bins: 0 }, 'INVALID_OPTION'],
    ['NaN', { rows: 1, cols: 1, data: new Float32Array([Number.NaN]) }, [0], {}, 'NON_FINITE'],
  ] as const)('refuses %s', (_, matrix, labels, options, code) => {
    expect(() => evaluateClassifier(matrix, labels, options)).toThrow(expect.objectContaining({ code }));
  });
});
