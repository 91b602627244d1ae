import { createRandom, isOodError, type Matrix } from '@ood/core';
import { auroc } from '@ood/metrics';
import { describe, expect, it } from 'vitest';
import {
  decodeDetector,
  type FitSettings,
  fitDetector,
  fitMahalanobis,
  type MethodOptions,
} from '../src/index.ts';

const random = createRandom(7);
const matrix = (rows: number, cols: number, value: (row: number, col: number) => number): Matrix => ({
  rows,
  cols,
  data: Float32Array.from({ length: rows * cols }, (_, i) => value(Math.floor(i / cols), i % cols)),
});
const classes = 4;
const clusters = (rows: number) =>
  matrix(rows, 8, (row, col) => (col === row % classes ? 6 : 0) + Math.abs(random.normal()));
/** The first features are the logits: all ID rows are classified right. */
const logitsOf = ({ rows, data }: Matrix) => matrix(rows, classes, (row, c) => data[row * 8 + c]!);
const both = (features: Matrix) => ({ features, logits: logitsOf(features) });
const train = clusters(200);
const id = both(clusters(60));
const ood = both(matrix(60, 8, () => Math.abs(random.normal()) * 2));
const labels = (shift: number) => Int32Array.from({ length: 200 }, (_, i) => (i + shift) % classes);

async function rankingOf(name: string) {
  const detector = await fitDetector(name, { ...both(train), labels: labels(0) });
  const [a, b] = [await detector.score(id), await detector.score(ood)];
  return { auroc: auroc(a, b), distinct: new Set([...a, ...b]).size, detector };
}

describe('temperature scaling of logits that are always right', () => {
  it('ranks as MSP does, and says that the search ended at its bound, also after saving', async () => {
    const scaled = await rankingOf('temperature-scaling');
    const msp = await rankingOf('msp');
    expect(scaled.auroc).toBeGreaterThan(0.99);
    expect(Math.abs(scaled.auroc - msp.auroc)).toBeLessThan(0.005);
    expect(scaled.distinct).toBe(120);
    const { warnings } = scaled.detector.describe();
    expect(warnings).toEqual([expect.stringContaining('beyond the bound 0.01')]);
    expect(decodeDetector(scaled.detector.encode()).describe().warnings).toEqual(warnings);
  });
});

describe('labels that do not belong to the logits', () => {
  const shuffled = Int32Array.from({ length: 200 }, () => random.below(classes));
  it.each(['she', 'temperature-scaling', 'mahalanobis++-fused'])('are refused by %s', async name => {
    for (const [given, advice] of [
      [labels(1), 'check that labels and logits'],
      [Int32Array.from(labels(0), label => label + 1), 'subtract 1'],
      [shuffled, 'check that labels and logits'],
    ] as const) {
      const failure = await fitDetector(name, { ...both(train), labels: given }).catch(
        (error: unknown) => error,
      );
      expect(isOodError(failure, 'LABELS_MISMATCH'), String(failure)).toBe(true);
      expect((failure as Error).message).toContain(advice);
    }
  });

  it('are told from labels of a weak classifier', async () => {
    const weak = labels(0).map((label, i) => (i % 2 === 0 ? label : random.below(classes)));
    const detector = await fitDetector('she', { ...both(train), labels: weak });
    expect(detector.describe().warnings).toEqual([]);
  });

  it('leave a class without a correct row: said in a warning', async () => {
    const three = labels(0).map(label => (label === 3 ? 2 : label));
    const detector = await fitDetector('she', { ...both(train), labels: three });
    expect(detector.describe().warnings).toEqual([expect.stringContaining('1 of 4 classes')]);
  });
});

describe('rows that say nothing about a covariance', () => {
  const rows = matrix(400, 12, () => random.normal() + 3);
  const numbers = Int32Array.from({ length: 400 }, (_, i) => i);
  const head = { weights: matrix(3, 12, () => random.normal()), bias: new Float32Array(3) };
  const equal = matrix(50, 12, (_, col) => col + 0.1);
  const refused = async (name: string, features: Matrix, given: Int32Array, options = {}) => {
    const failure = await fitDetector(
      name,
      { features, labels: given },
      options as MethodOptions & FitSettings,
    ).catch((error: unknown) => error);
    expect(isOodError(failure, 'SINGULAR_COVARIANCE'), String(failure)).toBe(true);
  };

  it.each(['mahalanobis', 'mahalanobis++', 'relative-mahalanobis', 'relative-mahalanobis++'])(
    '%s refuses row numbers for labels and rows that are all equal',
    async name => {
      await refused(name, rows, numbers);
      await refused(name, equal, new Int32Array(50));
    },
  );

  it.each(['vim', 'residual'])('%s refuses rows that are all equal, and one row', async name => {
    await refused(name, equal, new Int32Array(50), { head });
    await refused(name, { ...equal, rows: 1, data: equal.data.slice(0, 12) }, new Int32Array(1), { head });
  });

  it('fewer rows than features: said in a warning', async () => {
    const few = await fitMahalanobis({
      features: matrix(10, 12, () => random.normal()),
      labels: new Int32Array(10),
    });
    expect(few.describe().warnings).toEqual([expect.stringContaining('only 9 of 12 directions')]);
    const enough = await fitMahalanobis({ features: rows, labels: new Int32Array(400) });
    expect(enough.describe().warnings).toEqual([]);
  });

  it.each(['knn', 'mahalanobis++', 'fde', 'fde-glow'])(
    '%s refuses a single feature, and says why',
    async name => {
      const one = { features: matrix(300, 1, () => 2 + random.normal()), labels: new Int32Array(300) };
      await expect(fitDetector(name, one)).rejects.toMatchObject({
        code: 'WRONG_SHAPE',
        message: expect.stringContaining('at least 2 features'),
      });
    },
  );

  it('a single feature is enough for a distance that does not normalize', async () => {
    const one = { features: matrix(300, 1, () => 2 + random.normal()), labels: new Int32Array(300) };
    const detector = await fitMahalanobis(one);
    expect((await detector.score({ features: matrix(1, 1, () => 12) }))[0]).toBeGreaterThan(50);
  });
});
