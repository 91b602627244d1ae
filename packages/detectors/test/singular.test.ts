import { createRandom, type LabeledRows, type Matrix } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { fitDetector, fitFlowDensity } from '../src/index.ts';
import { goldenProblem } from './golden-problem.ts';

const { train, id, head } = goldenProblem;

/** Features with two more columns: one dead on all ID rows, one a copy of the first. */
function widened({ rows, cols, data }: Matrix, dead: number): Matrix {
  const wide = new Float32Array(rows * (cols + 2));
  for (let row = 0; row < rows; row++) {
    wide.set(data.subarray(row * cols, (row + 1) * cols), row * (cols + 2));
    wide[row * (cols + 2) + cols] = dead;
    wide[row * (cols + 2) + cols + 1] = data[row * cols]!;
  }
  return { rows, cols: cols + 2, data: wide };
}

const wideTrain: LabeledRows = { ...train, features: widened(train.features, 0) };
const wideHead = { weights: widened(head.weights, 0), bias: head.bias };

describe('dead and dependent features', () => {
  it.each(['mahalanobis', 'relative-mahalanobis'])('do not change %s', async name => {
    const plain = await fitDetector(name, train);
    const wide = await fitDetector(name, wideTrain);
    expect(wide.describe().fitted.rank).toBe(16);
    const expected = await plain.score(id);
    // Alive only now: without ID variance it counts nothing, where a ridge would let it decide alone.
    const scores = await wide.score({ features: widened(id.features, 1) });
    scores.forEach((score, i) => {
      expect(score).toBeCloseTo(expected[i]!, 2);
    });
  });

  it.each(['mahalanobis++', 'relative-mahalanobis++', 'gmm', 'vim', 'residual', 'knn', 'fde'])(
    'leave %s finite',
    async name => {
      const options = name === 'fde' ? { epochs: 1 } : {};
      const detector = await fitDetector(name, wideTrain, { head: wideHead, ...options });
      const scores = await detector.score({ ...id, features: widened(id.features, 0) });
      await detector.close();
      expect(scores.every(Number.isFinite)).toBe(true);
    },
    30_000,
  );
});

it('a flow fitted with its own function keeps flow and history', async () => {
  const detector = await fitFlowDensity(train, { epochs: 1, threads: 1 });
  expect(detector.history.steps).toBeGreaterThan(0);
  expect(
    (await detector.flow.trace({ ...id.features, data: Float32Array.from(id.features.data) })).base,
  ).toHaveLength(60);
  await detector.close();
}, 30_000);

it('directions of ever smaller variance are left out where rounding begins, not refused', async () => {
  const { normal } = createRandom(5);
  const [rows, sources, cols] = [300, 60, 90];
  const mixing = Array.from({ length: sources * cols }, () => normal());
  const data = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++)
    for (let source = 0; source < sources; source++) {
      const value = normal() * 10 ** (-source / 9);
      for (let i = 0; i < cols; i++) data[row * cols + i]! += value * mixing[source * cols + i]!;
    }
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 3);
  const features = { rows, cols, data };
  const detector = await fitDetector('mahalanobis++', { features, labels });
  const { rank } = detector.describe().fitted;
  expect(rank).toBeGreaterThan(30);
  expect(rank).toBeLessThan(cols);
  expect((await detector.score({ features })).every(Number.isFinite)).toBe(true);
  await detector.close();
});
