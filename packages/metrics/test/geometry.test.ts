import { readFileSync } from 'node:fs';
import { createRandom, type Matrix, type Progress } from '@ood/core';
import { describe, expect, it } from 'vitest';
import {
  deadDimensions,
  effectiveRank,
  featureGeometry,
  featureNorms,
  neuralCollapse,
  tolerance,
  uniformity,
} from '../src/index.ts';
import { golden } from './golden.ts';
import { normalScores } from './simulation.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), 'utf8'));
const problem: Record<string, number[][]> & { train_y: number[]; id_y: number[] } = read('features');
const extra = read('extra').train;

function toMatrix(rows: readonly (readonly number[])[]): Matrix {
  return { rows: rows.length, cols: rows[0]!.length, data: Float64Array.from(rows.flat()) };
}

function randomMatrix(rows: number, cols: number, seed = 1): Matrix {
  return { rows, cols, data: normalScores(createRandom(seed), rows * cols) };
}

const train = toMatrix(problem.train_x!);

describe.each([
  ['train', problem.train_x!, problem.train_y, golden.geometry[0]!],
  ['id', problem.id_x!, problem.id_y, golden.geometry[1]!],
] as const)('reference features %s', (_, rows, labels, reference) => {
  const features = toMatrix(rows);

  it('have the uniformity over all pairs', async () => {
    const result = await uniformity(features, { pairs: 'all' });
    expect(Math.abs(result.value - reference.uniformity)).toBeLessThan(1e-12);
    expect(result).toMatchObject({
      interval: null,
      zeroRows: 0,
      pairs: (rows.length * (rows.length - 1)) / 2,
    });
  });

  it('have the tolerance, class by class', () => {
    const result = tolerance(features, labels);
    expect(Math.abs(result.value - reference.tolerance)).toBeLessThan(1e-12);
    result.classes.forEach((c, i) => {
      expect(Math.abs(c.value - reference.tolerance_of_each_class[i]!)).toBeLessThan(1e-12);
    });
  });
});

describe('uniformity', () => {
  it('drawn from pairs covers the exact value at its stated rate', async () => {
    const exact = (await uniformity(train, { pairs: 'all' })).value;
    let covered = 0;
    for (let seed = 0; seed < 100; seed++) {
      const { interval } = await uniformity(train, { pairs: 2000, seed });
      if (interval!.low <= exact && exact <= interval!.high) covered++;
    }
    // Binomial(100, 0.95): mean 95, standard deviation 2.2.
    expect(covered).toBeGreaterThanOrEqual(87);
  });

  it('is near 4 for uniform directions and 0 for one direction', async () => {
    expect((await uniformity(randomMatrix(300, 256))).value).toBeCloseTo(4, 0);
    expect(
      (await uniformity({ rows: 3, cols: 2, data: new Float32Array([1, 2, 2, 4, 3, 6]) })).value,
    ).toBeCloseTo(0, 6);
  });

  it('leaves rows of zeros out and counts them, and does not overflow', async () => {
    const data = new Float64Array([1e200, 0, 0, 0, 0, 1e200]);
    const result = await uniformity({ rows: 3, cols: 2, data });
    expect(result).toMatchObject({ zeroRows: 1, pairs: 1 });
    expect(result.value).toBeCloseTo(4, 12);
    const sampled = await uniformity({ rows: 3, cols: 2, data }, { pairs: 10 });
    expect(sampled.value).toBeCloseTo(4, 12);
  });

  it('stops at a signal that arrives while it runs, and reports progress', async () => {
    const controller = new AbortController();
    const shares: number[] = [];
    const run = uniformity(randomMatrix(2500, 128), {
      pairs: 'all',
      signal: controller.signal,
      onProgress: ({ done, total }) => shares.push(done / total!) === 2 && controller.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
    expect(shares[1]!).toBeGreaterThan(shares[0]!);
    expect(shares[1]!).toBeLessThan(1);
  });

  it('refuses fewer than two directions', async () => {
    await expect(uniformity({ rows: 2, cols: 1, data: new Float32Array([0, 1]) })).rejects.toMatchObject({
      code: 'TOO_FEW',
    });
  });
});

describe('effective rank', () => {
  it('equals that of the singular values', async () => {
    const result = await effectiveRank(train);
    expect(result.effectiveRank).toBeCloseTo(extra.effective_rank, 10);
    expect(result.participationRatio).toBeCloseTo(extra.participation_ratio, 10);
    result.spectrum.forEach((value, i) => {
      expect(value).toBeCloseTo(extra.spectrum[i], 11);
    });
  });

  it('is the dimension of the subspace for isotropic features in it', async () => {
    const base = randomMatrix(3000, 3);
    const data = new Float64Array(base.rows * 70);
    for (let row = 0; row < base.rows; row++) {
      for (let k = 0; k < 3; k++) data[row * 70 + 20 * k] = base.data[row * 3 + k]!;
    }
    const result = await effectiveRank({ rows: base.rows, cols: 70, data });
    expect(result.effectiveRank).toBeCloseTo(3, 1);
    expect(result.participationRatio).toBeCloseTo(3, 1);
    expect(result.spectrum.filter(v => v > 1e-9).length).toBe(3);
  });

  it('stops at a signal, also within the eigenproblem', async () => {
    const controller = new AbortController();
    const run = effectiveRank(randomMatrix(16, 600), {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it.each([4, 7, 11])('is 0 for constant features in %d rows, whatever their mean rounds to', async rows => {
    for (const value of [0.1, 1 / 3, 123.456, -1e-3]) {
      const constant = { rows, cols: 3, data: new Float64Array(3 * rows).fill(value) };
      expect(await effectiveRank(constant)).toMatchObject({ effectiveRank: 0, participationRatio: 0 });
    }
  });
});

describe('neural collapse', () => {
  it('equals the pseudo-inverse formula', async () => {
    const result = await neuralCollapse(train, problem.train_y);
    expect(result.nc1).toBeCloseTo(extra.nc1, 9);
    expect(result.withinBetweenRatio).toBeCloseTo(extra.within_between_ratio, 11);
    expect(result.classes).toBe(5);
  });

  it('is 0 when every class is one point, whatever the labels are called', async () => {
    const features = { rows: 4, cols: 2, data: new Float32Array([1, 2, 3, 5, 1, 2, 3, 5]) };
    expect((await neuralCollapse(features, [7, 400, 7, 400])).nc1).toBe(0);
  });

  it('refuses one class, and classes with equal means', async () => {
    const features = { rows: 2, cols: 2, data: new Float32Array([1, 2, 1, 2]) };
    await expect(neuralCollapse(features, [0, 0])).rejects.toMatchObject({ code: 'ONE_CLASS' });
    await expect(neuralCollapse(features, [0, 1])).rejects.toMatchObject({ code: 'CONSTANT_INPUT' });
    const reordered = { rows: 6, cols: 1, data: Float64Array.of(0.6, 0.3, 0.6, 0.6, 0.6, 0.3) };
    await expect(neuralCollapse(reordered, [0, 0, 0, 1, 1, 1])).rejects.toMatchObject({
      code: 'CONSTANT_INPUT',
    });
  });
});

describe('norms and dead dimensions', () => {
  it('summarize the lengths of the rows', () => {
    const norms = featureNorms(train);
    expect(norms.mean).toBeCloseTo(extra.norm_mean, 12);
    expect(norms.standardDeviation).toBeCloseTo(extra.norm_std, 12);
    norms.quantiles.forEach((q, i) => {
      expect(q).toBeCloseTo(extra.norm_quantiles[i], 12);
    });
    expect(featureNorms({ rows: 2, cols: 2, data: new Float64Array([0, 0, 3, 4]) })).toMatchObject({
      zeroRows: 1,
      min: 0,
      max: 5,
    });
  });

  it('find the columns that never vary', () => {
    const features = { rows: 3, cols: 4, data: new Float32Array([0, 1, 7, 2, 0, 2, 7, 2.001, 0, 3, 7, 2]) };
    expect(deadDimensions(features)).toEqual({ indices: Uint32Array.of(0, 2), zeroCount: 1, share: 0.5 });
    expect(deadDimensions(features, { tolerance: 0.01 }).indices).toEqual(Uint32Array.of(0, 2, 3));
  });
});

describe('featureGeometry', () => {
  it('is the single measures together', async () => {
    const events: Progress[] = [];
    const labels = problem.train_y;
    const all = await featureGeometry(train, { labels, onProgress: event => events.push(event) });
    expect(all.rank).toEqual(await effectiveRank(train));
    expect(all.uniformity).toEqual(await uniformity(train));
    expect(all.tolerance).toEqual(tolerance(train, labels));
    expect(all.neuralCollapse).toEqual(await neuralCollapse(train, labels));
    const last = Object.fromEntries(events.map(({ stage, done, total }) => [stage, done / total!]));
    expect(last).toEqual({ effectiveRank: 1, uniformity: 1, neuralCollapse: 1 });
    expect(await featureGeometry(train)).toMatchObject({ tolerance: null, neuralCollapse: null });
  });

  it.each([
    ['a wrong shape', { rows: 2, cols: 2, data: new Float32Array(3) }, 'WRONG_SHAPE'],
    ['no rows', { rows: 0, cols: 2, data: new Float32Array(0) }, 'EMPTY_INPUT'],
    ['NaN', { rows: 1, cols: 2, data: new Float32Array([0, Number.NaN]) }, 'NON_FINITE'],
  ] as const)('refuses %s', async (_, features, code) => {
    await expect(featureGeometry(features)).rejects.toMatchObject({ code });
    expect(() => featureNorms(features)).toThrow(expect.objectContaining({ code }));
    expect(() => deadDimensions(features)).toThrow(expect.objectContaining({ code }));
    expect(() => tolerance(features, [])).toThrow(expect.objectContaining({ code }));
  });

  it('refuses labels of another length', () => {
    expect(() => tolerance(train, [1])).toThrow(expect.objectContaining({ code: 'WRONG_SHAPE' }));
  });
});
