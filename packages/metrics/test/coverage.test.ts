import { createRandom } from '@ood/core';
import { describe, expect, it } from 'vitest';
import { bootstrap, bootstrapMetrics, delong, delongTest, meanInterval, wilson } from '../src/index.ts';
import { normalUpperTail } from '../src/special/normal.ts';
import { binomialSlack, normalScores } from './simulation.ts';

/** AUROC of N(0, 1) against N(shift, 1). */
const trueAuroc = (shift: number) => 1 - normalUpperTail(shift / Math.SQRT2);

/** How often an interval contains the truth, with a seed per run. */
function coverage(runs: number, contains: (seed: number) => boolean): number {
  let covered = 0;
  for (let seed = 0; seed < runs; seed++) if (contains(seed)) covered++;
  return covered;
}

const within = (interval: { low: number; high: number }, truth: number) =>
  interval.low <= truth && truth <= interval.high;

describe('intervals cover the truth as often as they say, within the binomial error of the simulation', () => {
  const runs = 2000;

  it.each([
    [200, 150, 1, 0.95],
    [100, 100, 2, 0.9],
    [80, 300, 0, 0.99],
  ])('DeLong: %d ID and %d OOD scores, shift %d, confidence %d', (n, m, shift, confidence) => {
    const covered = coverage(runs, seed => {
      const random = createRandom(1000 + seed);
      return within(
        delong(normalScores(random, n), normalScores(random, m, shift), { confidence }).interval,
        trueAuroc(shift),
      );
    });
    // Half a point for the large-sample approximation itself.
    expect(Math.abs(covered - runs * confidence)).toBeLessThan(
      binomialSlack(runs, confidence) + 0.005 * runs,
    );
  });

  it('DeLong near perfect separation, where many samples show no variance, is on the safe side', () => {
    const covered = coverage(runs, seed => {
      const random = createRandom(5000 + seed);
      return within(delong(normalScores(random, 20), normalScores(random, 20, 4)).interval, trueAuroc(4));
    });
    expect(covered).toBeGreaterThan(runs * 0.95 - binomialSlack(runs, 0.95));
  });

  it('paired DeLong difference', () => {
    const truth = trueAuroc(1) - trueAuroc(Math.SQRT1_2);
    const covered = coverage(runs, seed => {
      const random = createRandom(9000 + seed);
      const a = { id: normalScores(random, 120), ood: normalScores(random, 100, 1) };
      // The second detector sees the first one's score through noise of the same size: shift 1, deviation √2.
      const noisy = (list: Float64Array) => normalScores(random, list.length).map((z, i) => z + list[i]!);
      return within(delongTest(a, { id: noisy(a.id), ood: noisy(a.ood) }).interval!, truth);
    });
    expect(Math.abs(covered - runs * 0.95)).toBeLessThan(binomialSlack(runs, 0.95) + 0.005 * runs);
  });

  it.each([
    [50, 0.3],
    [200, 0.05],
    [1000, 0.5],
  ])('Wilson: %d trials at rate %d', (trials, rate) => {
    const covered = coverage(runs, seed => {
      const random = createRandom(seed);
      let successes = 0;
      for (let i = 0; i < trials; i++) if (random.uniform() < rate) successes++;
      return within(wilson(successes, trials).interval, rate);
    });
    // Counts are discrete: the exact coverage swings by up to 1.5 points around the nominal one.
    expect(Math.abs(covered - runs * 0.95)).toBeLessThan(binomialSlack(runs, 0.95) + 0.015 * runs);
  });

  it('mean over five seeds', () => {
    const covered = coverage(runs, seed =>
      within(meanInterval(normalScores(createRandom(seed), 5, 3)).interval!, 3),
    );
    expect(Math.abs(covered - runs * 0.95)).toBeLessThan(binomialSlack(runs, 0.95));
  });

  it('bootstrap of every ranking metric', () => {
    const shift = 1.5;
    const truth = {
      auroc: trueAuroc(shift),
      fpr95IdAccepted: 1 - normalUpperTail(1.6448536269514722 - shift),
      fpr95OodCaught: 1 - normalUpperTail(1.6448536269514722 - shift),
      detectionError: normalUpperTail(shift / 2),
    };
    const outer = 300;
    const covered = { auroc: 0, fpr95IdAccepted: 0, fpr95OodCaught: 0, detectionError: 0 };
    for (let seed = 0; seed < outer; seed++) {
      const random = createRandom(20_000 + seed);
      const results = bootstrapMetrics(normalScores(random, 300), normalScores(random, 300, shift), {
        replicates: 200,
        seed,
      });
      for (const name of ['auroc', 'fpr95IdAccepted', 'fpr95OodCaught', 'detectionError'] as const) {
        if (within(results[name].interval, truth[name])) covered[name]++;
      }
    }
    // Percentiles of 200 resamples, and of a quantile-based metric, are approximate: three points. The detection error is a minimum over
    // thresholds, hence biased downwards; its interval covers less and is only asked not to fail.
    for (const name of ['auroc', 'fpr95IdAccepted', 'fpr95OodCaught'] as const) {
      expect(Math.abs(covered[name] - outer * 0.95), name).toBeLessThan(
        binomialSlack(outer, 0.95) + 0.03 * outer,
      );
    }
    expect(covered.detectionError).toBeGreaterThan(0.7 * outer);
  });

  it('bootstrap of a user statistic', () => {
    const outer = 400;
    const covered = coverage(outer, seed => {
      const values = normalScores(createRandom(30_000 + seed), 80, 2);
      const mean = ([rows]: readonly Uint32Array[]) =>
        rows!.reduce((sum, r) => sum + values[r]! / rows!.length, 0);
      return within(bootstrap([80], mean, { replicates: 300, seed }).interval, 2);
    });
    expect(Math.abs(covered - outer * 0.95)).toBeLessThan(binomialSlack(outer, 0.95) + 0.02 * outer);
  });
});

describe('bootstrap', () => {
  it('refuses a statistic that is not finite, and too few replicates', () => {
    expect(() => bootstrap([3], () => Number.NaN)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
    expect(() => bootstrap([3], () => 1, { replicates: 3 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
    expect(() => bootstrap([0], () => 1)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('keeps the size of every stratum', () => {
    const sizes: number[][] = [];
    bootstrap([3, 5], rows => sizes.push(rows.map(r => r.length)), { replicates: 20 });
    expect(new Set(sizes.map(String))).toEqual(new Set(['3,5']));
  });
});
