import { type Matrix, oneOf, requireOption } from '@ood/core';
import { MetricsError } from '../errors.ts';
import { requireLabels, requireMatrix } from '../input/matrix.ts';

/** What the rows of a classifier's output are. */
export type OutputKind = 'logits' | 'probabilities';

export interface ClassifierOptions {
  /** Default `'logits'`; a softmax is then applied in float64. */
  readonly outputs?: OutputKind;
}

/** What each row contributes to the classifier's metrics. */
export interface RowOutcomes {
  /** Largest probability. */
  readonly confidence: Float64Array;
  /** 1 where the largest output is the right one (the first of equal ones counts). */
  readonly correct: Uint8Array;
  /** −log of the right class's probability, nats. */
  readonly negativeLogLikelihood: Float64Array;
  /** Σ over classes of (probability − 1[right class])². */
  readonly brier: Float64Array;
}

/** A probability of 0 for the right class counts as the smallest positive float32: 103.3 nats instead of infinity. */
const smallestProbability = 2 ** -149;

/** Reduces a classifier's output to one outcome per row, checking shapes, labels and probabilities. */
export function rowOutcomes(
  where: string,
  matrix: Matrix,
  labels: ArrayLike<number>,
  { outputs = 'logits' }: ClassifierOptions,
): RowOutcomes {
  requireOption(where, 'outputs', outputs, oneOf('logits', 'probabilities'));
  requireMatrix(where, 'matrix', matrix);
  requireLabels(where, matrix, labels, matrix.cols);
  const { rows, cols, data } = matrix;
  const result: RowOutcomes = {
    confidence: new Float64Array(rows),
    correct: new Uint8Array(rows),
    negativeLogLikelihood: new Float64Array(rows),
    brier: new Float64Array(rows),
  };
  const p = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * cols, (row + 1) * cols);
    const label = labels[row]!;
    let best = 0;
    for (let c = 1; c < cols; c++) if (values[c]! > values[best]!) best = c;
    if (outputs === 'logits') {
      const logSum = softmax(values, values[best]!, p);
      result.negativeLogLikelihood[row] = values[best]! - values[label]! + logSum;
    } else {
      requireDistribution(where, values, row);
      p.set(values);
      result.negativeLogLikelihood[row] = -Math.log(Math.max(p[label]!, smallestProbability));
    }
    let brier = 0;
    for (let c = 0; c < cols; c++) brier += (p[c]! - (c === label ? 1 : 0)) ** 2;
    result.confidence[row] = p[best]!;
    result.correct[row] = best === label ? 1 : 0;
    result.brier[row] = brier;
  }
  return result;
}

/** Writes the softmax into `p` and returns the log of Σ exp(vᵢ − largest). */
function softmax(values: Float32Array | Float64Array, largest: number, p: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < p.length; c++) sum += p[c] = Math.exp(values[c]! - largest);
  for (let c = 0; c < p.length; c++) p[c]! /= sum;
  return Math.log(sum);
}

function requireDistribution(where: string, values: Float32Array | Float64Array, row: number): void {
  let sum = 0;
  let valid = true;
  for (const value of values) {
    sum += value;
    valid &&= value >= 0;
  }
  // Half-precision outputs of a thousand classes add up to 1 only to about 1e-3.
  if (valid && Math.abs(sum - 1) < 5e-3) return;
  throw new MetricsError('INVALID_VALUE', {
    where,
    expected: 'probabilities: non-negative rows that add up to 1',
    got: valid ? `a sum of ${sum} in row ${row}` : `a negative value in row ${row}`,
    advice: "pass outputs: 'logits' if these are logits",
    details: { row, sum },
  });
}
