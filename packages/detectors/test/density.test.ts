import { createRandom, type Matrix } from '@ood/core';
import { auroc } from '@ood/metrics';
import { nodeRuntime } from '@ood/onnx/node';
import { describe, expect, it } from 'vitest';
import { decodeDetector, fitFde, fitFdeFused, fitKnn, fitMahalanobis, headEvidenceOf } from '../src/index.ts';
import { goldenProblem } from './golden-problem.ts';

const { train, id, ood, head } = goldenProblem;
const quick = { epochs: 2, batchSize: 100, threads: 1 } as const;

describe('fde with and without a flow', () => {
  it('scores the same after saving and loading, and exports what it scores', async () => {
    const few = {
      features: { rows: 150, cols: 16, data: train.features.data.subarray(0, 150 * 16) },
      labels: train.labels.subarray(0, 150),
    };
    const detector = await fitFde(few, { flow: 'always', epochs: 1, batchSize: 100, threads: 1 });
    expect(detector.describe().fitted).toMatchObject({ organized: 1, steps: expect.any(Number) });
    const scores = await detector.score(ood);
    const loaded = decodeDetector(detector.encode());
    expect(await loaded.score(ood)).toEqual(scores);
    await loaded.close();
    const session = await nodeRuntime.createSession(await detector.toOnnx());
    const { score } = await session.run({
      features: { type: 'float32', dims: [60, 16], data: Float32Array.from(ood.features.data) },
    });
    await session.close();
    const largest = Math.max(...scores);
    (score!.data as Float32Array).forEach((value, row) => {
      expect(Math.abs(value - scores[row]!)).toBeLessThanOrEqual(5e-5 * largest);
    });
    await detector.close();
  }, 240_000);

  it('repeats itself', async () => {
    const scoresOf = async () => {
      const detector = await fitFde(train, { flow: 'never', threads: 1 });
      const scores = await detector.score(ood);
      await detector.close();
      return scores;
    };
    expect(await scoresOf()).toEqual(await scoresOf());
  }, 60_000);

  it('is trained by itself only where rows abound', async () => {
    const detector = await fitFde(train, quick);
    expect(detector.describe().fitted.steps).toBeUndefined();
    await detector.close();
  });
});

describe('rows and classes', () => {
  const cases = [1, 2, 5, 20, 100].flatMap(rows => [1, 4, 30].map(classes => ({ rows, classes })));
  it.each(cases.filter(({ rows, classes }) => rows * classes <= 600))(
    '$rows a class, $classes classes: no collapse below both baselines',
    async ({ rows, classes }) => {
      const { training, test, far } = clusters({ rows, classes, seed: 10 * rows + classes });
      const aurocOf = async (detector: Awaited<ReturnType<typeof fitFde>>) => {
        const value = auroc(
          await detector.score({ features: test }),
          await detector.score({ features: far }),
        );
        await detector.close();
        return value;
      };
      const fde = await aurocOf(await fitFde(training, { threads: 1, flow: 'never' }));
      const knn = await aurocOf(await fitKnn(training, { k: Math.min(10, rows * classes) }));
      const mahalanobis =
        rows > 1 ? await aurocOf(await fitMahalanobis(training, { normalize: true, shrinkage: 0.01 })) : 0.5;
      expect(fde).toBeGreaterThanOrEqual(Math.max(knn, mahalanobis) - (rows >= 20 ? 0.02 : 0.06));
    },
    60_000,
  );

  it('constant features are refused, duplicates are not', async () => {
    const same = { rows: 40, cols: 3, data: new Float32Array(120).fill(1) };
    await expect(fitFde({ features: same, labels: new Int32Array(40) })).rejects.toMatchObject({
      code: 'SINGULAR_COVARIANCE',
    });
    const two = { ...same, data: same.data.map((value, at) => (at < 60 ? value : -value * (1 + (at % 3)))) };
    const detector = await fitFde({ features: two, labels: new Int32Array(40) });
    const scores = await detector.score({
      features: { rows: 2, cols: 3, data: Float32Array.of(1, 1, 1, 0, 0, 9) },
    });
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(scores[1]).toBeGreaterThan(scores[0]!);
    await detector.close();
  });

  it.each([1, 2, 9])('%d rows are scored by distance alone', async rows => {
    const features = { rows, cols: 16, data: train.features.data.subarray(0, rows * 16) };
    const detector = await fitFde({ features, labels: train.labels.subarray(0, rows) }, { threads: 1 });
    const scores = await detector.score(ood);
    expect(scores.every(score => score >= 0 && score <= 2 + 1e-6)).toBe(true);
    expect(detector.describe().fitted).toMatchObject({ references: 0, neighbor: 1 });
    await detector.close();
  });

  it('without labels, clusters stand in for classes', async () => {
    const detector = await fitFde({ features: train.features }, { threads: 1 });
    expect(auroc(await detector.score(id), await detector.score(ood))).toBeGreaterThan(0.8);
    await detector.close();
  });
});

it.each([
  [0.8, 'nothing', 'logits carry no far-OOD evidence'],
  [0.85, 'some', 'some OOD evidence'],
  [0.92, 'much', 'logits carry OOD evidence'],
])('a gate of %s says that logits carry %s', (gate, carries, words) => {
  const found = headEvidenceOf({ fitted: { gate, evidenceWeight: 0.5 } });
  expect(found).toMatchObject({ carries, message: expect.stringContaining(words) });
  expect(found?.message).toContain(gate.toFixed(2));
});

describe('fde-fused', () => {
  it('is never below the density by more than log(1 + w), whatever the head says', async () => {
    for (const given of [{ head }, {}]) {
      const fused = await fitFdeFused(train, { flow: 'never', threads: 1, ...given });
      const { evidenceWeight, gate } = fused.describe().fitted;
      expect(gate === undefined).toBe(!('head' in given));
      expect(headEvidenceOf(fused.describe())).toEqual(
        gate === undefined ? undefined : expect.objectContaining({ gate, weight: evidenceWeight }),
      );
      expect(evidenceWeight).toBeGreaterThanOrEqual(0.02);
      expect(evidenceWeight).toBeLessThanOrEqual(3);
      const { rows, cols, data } = ood.logits;
      const scores = await fused.score(ood);
      const silent = await fused.score({
        ...ood,
        logits: { rows, cols, data: data.map(value => 1e4 * value) },
      });
      const alone = await fitFdeFused(train, { flow: 'never', threads: 1, evidenceWeight: 1e-9, ...given });
      const floor = await alone.score(ood);
      for (const list of [scores, silent]) {
        list.forEach((score, row) => {
          expect(score).toBeGreaterThanOrEqual(floor[row]! - Math.log(1 + evidenceWeight!) - 1e-6);
        });
      }
      await alone.close();
      await fused.close();
    }
  }, 60_000);
});

/** Classes around random centers on 24 columns, and rows between and beyond them. */
function clusters({ rows, classes, seed }: { rows: number; classes: number; seed: number }) {
  const { normal } = createRandom(seed);
  const dim = 24;
  const list = (count: number, value: (i: number) => number) =>
    Float64Array.from({ length: count }, (_, i) => value(i));
  const centers = list(classes * dim, () => normal());
  const scales = list(dim, i => (i < 8 ? 0.6 : 0.15));
  const around = (count: number): Matrix => ({
    rows: count,
    cols: dim,
    data: list(count * dim, at => {
      const [row, i] = [Math.floor(at / dim), at % dim];
      return 2 + centers[(row % classes) * dim + i]! + scales[i]! * normal();
    }),
  });
  const training = {
    features: around(rows * classes),
    labels: Int32Array.from({ length: rows * classes }, (_, row) => row % classes),
  };
  const far: Matrix = { rows: 300, cols: dim, data: list(300 * dim, () => 2 + 1.2 * normal()) };
  return { training, test: around(300), far };
}
