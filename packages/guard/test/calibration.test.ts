import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeNpy, isOodError, pickRows } from '@ood/core';
import { readPlainFile } from '@ood/core/node';
import { toMatrix } from '@ood/features';
import { conformalThreshold } from '@ood/metrics';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calibrationWarnings } from '../src/calibration/calibration-warnings.ts';
import { calibrateDecision } from '../src/calibration/decision.ts';
import { holdOut } from '../src/calibration/hold-out.ts';
import type { FeatureRows } from '../src/fit/rows.ts';
import { fitGuard } from '../src/index.ts';
import { openScores } from './open-scores.ts';

const readNpy = async (path: string) => decodeNpy(await readPlainFile(path), path);

const scores = Float32Array.from({ length: 200 }, (_, i) => Math.fround(Math.sin(i) * 10));

describe('a calibrated decision', () => {
  it('is the split-conformal one, on float32 scores', () => {
    const { threshold, rank, count, expectedRate } = calibrateDecision(scores, {
      alpha: 0.1,
      source: 'unseen',
    });
    expect({ threshold, rank, count, expectedRate }).toEqual({
      threshold: scores.toSorted()[180],
      rank: 20,
      count: 200,
      expectedRate: 20 / 201,
    });
  });

  it('states its guarantee without a caveat on unseen rows, and what is lost on held-out ones', () => {
    const unseen = calibrateDecision(scores, { alpha: 0.05, source: 'unseen' });
    expect(unseen.guarantee).toBe(conformalThreshold(scores, { alpha: 0.05 }).guarantee);
    const power = { rows: 200, shuffled: 0.9, reversed: 1 };
    expect(calibrationWarnings(unseen, power)).toEqual([]);
    // One column, shuffled, is the same rows again.
    expect(calibrationWarnings(unseen, { ...power, shuffled: 0.05 }, 1)).toEqual([]);
    expect(calibrationWarnings(unseen, { ...power, shuffled: 0.05 }, 3)).toMatchObject([
      { code: 'LOW_POWER' },
    ]);
    const heldOut = calibrateDecision(scores, { alpha: 0.05, source: 'held-out' });
    expect(heldOut.guarantee).toContain('held-out rows only');
    expect(calibrationWarnings(heldOut, power)).toMatchObject([
      {
        code: 'HELD_OUT',
        message: expect.stringContaining('Give calibration rows that it was not trained on'),
      },
    ]);
  });

  it('says what the rate may be where the rows are few, and that a guard may catch little', () => {
    const few = calibrateDecision(scores.subarray(0, 20), { alpha: 0.05, source: 'unseen' });
    const [rate, power, ...others] = calibrationWarnings(few, { rows: 20, shuffled: 0.1, reversed: 1 });
    expect(others).toEqual([]);
    // Beta(1, 20): 1 − 0.975^(1/20) to 1 − 0.025^(1/20).
    expect(rate).toEqual({
      code: 'FEW_ROWS',
      message: expect.stringContaining(
        '20 distinct rows only: with 95 % probability 0.127 % to 16.8 % of ID',
      ),
    });
    expect(power).toEqual({
      code: 'LOW_POWER',
      message: expect.stringContaining('only 10 % are called OOD'),
    });
  });

  it('asks for as many rows as alpha needs', () => {
    const attempt = () => calibrateDecision(scores.subarray(0, 18), { alpha: 0.05, source: 'unseen' });
    expect(attempt).toThrow(/expected at least 19 distinct rows for alpha = 0.05, got 18/);
    try {
      attempt();
    } catch (error) {
      expect(isOodError(error, 'TOO_FEW')).toBe(true);
    }
    expect(calibrateDecision(scores.subarray(0, 19), { alpha: 0.05, source: 'unseen' }).rank).toBe(1);
  });
});

describe('the hold-out', () => {
  const draw = (seed: number) => Array.from({ length: 20_000 }, holdOut({ seed, fraction: 0.2 }));

  it('draws the share asked for, another for each seed, the same for the same', () => {
    const [one, two] = [draw(1), draw(2)];
    const share = one.filter(Boolean).length / 20_000;
    expect(Math.abs(share - 0.2)).toBeLessThan(4 * Math.sqrt(0.16 / 20_000));
    expect(draw(1)).toEqual(one);
    const both = one.filter((held, row) => held && two[row]).length / 20_000;
    expect(Math.abs(both - 0.04)).toBeLessThan(4 * Math.sqrt(0.04 / 20_000));
  });
});

const bench = process.env.OOD_BENCH;
const benchmarks = ['cifar10-resnet20', 'imagenette-mobilenet', 'digits-mlp'];

// Skipped where OOD_BENCH does not name the folder of the benchmarks.
describe.skipIf(!bench || !existsSync(bench)).each(benchmarks)('on %s', name => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ood-calibration-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  // The defaults with a head and without one, the best closed form, and the plainest; flows trained for one epoch.
  // On the widest features and the largest model the default alone.
  it.each(
    (
      [
        ['fde-fused', 0.05],
        ['fde', 0.05],
        ['mahalanobis++', 0.05],
        ['energy', 0.05],
        ['mahalanobis++', 0.1],
      ] as const
    ).filter(([detector]) => name !== 'imagenette-mobilenet' || detector === 'fde-fused'),
  )(
    '%s at alpha = %d rejects new ID rows at a rate within the beta-binomial band of 99 percent',
    async (detector, alpha) => {
      const path = (file: string) => join(bench!, name, 'features', file);
      const all = toMatrix(await readNpy(path('id-train.features.npy')), 'id-train');
      const ofAll = (await readNpy(path('id-train.labels.npy'))).data as Int32Array;
      // Rows of all classes: the promise holds for any scores, and more rows take longer.
      const step = Math.ceil(all.rows / 1000);
      const rows = Array.from({ length: Math.floor(all.rows / step) }, (_, i) => i * step);
      const train = { features: pickRows(all, rows) };
      const labels = Int32Array.from(rows, row => ofAll[row]!);
      const [calibration, test] = halves(toMatrix(await readNpy(path('id-test.features.npy')), 'id-test'));
      const guard = join(folder, `${detector}-${alpha}`);
      const { calibration: made } = await fitGuard(guard, {
        model: join(bench!, name, 'model.onnx'),
        ...(name === 'digits-mlp' ? {} : { preprocessing: await benchPreprocessing(name) }),
        detector,
        ...(detector.startsWith('fde') && { detectorOptions: { epochs: 1 } }),
        train: { ...train, labels },
        calibration,
        alpha,
      });
      const { scores: tested, threshold } = await openScores(guard, join(bench!, name, 'model.onnx'), test);
      const rejected = tested.filter(score => score > threshold).length;
      const [low, high] = betaBinomialBand({
        n: made.count,
        k: made.rank,
        m: tested.length,
        confidence: 0.99,
      });
      expect(rejected).toBeGreaterThanOrEqual(low);
      expect(rejected).toBeLessThanOrEqual(high);
    },
  );
});

/** The rows parted once, by seed. */
function halves({ rows, cols, data }: FeatureRows['features']): [FeatureRows, FeatureRows] {
  const drawn = Array.from({ length: rows }, holdOut({ seed: 7, fraction: 0.5 }));
  const part = (wanted: boolean): FeatureRows => {
    const kept = drawn.flatMap((held, row) => (held === wanted ? [row] : []));
    const out = new Float32Array(kept.length * cols);
    for (const [i, row] of kept.entries()) out.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
    return { features: { rows: kept.length, cols, data: out } };
  };
  return [part(true), part(false)];
}

async function benchPreprocessing(name: string) {
  const { preset } = await import('@ood/features');
  return name === 'cifar10-resnet20'
    ? preset('cifar', { filter: 'bicubic', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] })
    : preset('imagenet', { scale: 2 / 255, mean: [1, 1, 1], std: [1, 1, 1] });
}

/** Central band of the beta-binomial BB(m, k, n + 1 − k): rejections among m new rows, calibration included. */
function betaBinomialBand({
  n,
  k,
  m,
  confidence,
}: {
  n: number;
  k: number;
  m: number;
  confidence: number;
}): [number, number] {
  const [a, b] = [k, n + 1 - k];
  const logBeta = (x: number, y: number) => logGamma(x) + logGamma(y) - logGamma(x + y);
  const tail = (1 - confidence) / 2;
  let cumulative = 0;
  let low = 0;
  for (let j = 0; j <= m; j++) {
    const logChoose = logGamma(m + 1) - logGamma(j + 1) - logGamma(m - j + 1);
    const before = cumulative;
    cumulative += Math.exp(logChoose + logBeta(j + a, m - j + b) - logBeta(a, b));
    if (before < tail && cumulative >= tail) low = j;
    if (cumulative >= 1 - tail) return [low, j];
  }
  return [low, m];
}

/** Stirling's series, for arguments from 1. */
function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3);
}
