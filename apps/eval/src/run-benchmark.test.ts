import { expect, it } from 'vitest';
import { contestants, syntheticBenchmark } from '../test/synthetic-benchmark.ts';
import { runBenchmark } from './run-benchmark.ts';

const clock = () => {
  let milliseconds = 0;
  return () => ++milliseconds;
};

it('judges every detector on every set, and keeps an inverted one inverted', async () => {
  const { results, scores } = await runBenchmark(syntheticBenchmark(), contestants, { now: clock() });
  const [rising, falling] = results.detectors;
  expect(rising.sets.map(({ set, group, rows }) => [set, group, rows])).toEqual([
    ['half & half', 'near', 100],
    ['beyond', 'far', 40],
  ]);
  expect(rising.mean.near?.auroc).toBeCloseTo(0.875, 2);
  expect(rising.mean.far).toEqual({ auroc: 1, fpr95IdAccepted: 0 });
  expect(falling.mean.far).toEqual({ auroc: 0, fpr95IdAccepted: 1 });
  expect(falling.sets[1].warnings.join()).toContain('below 0.5');
  expect(rising.sets[0].auroc.low).toBeLessThan(rising.sets[0].auroc.value);
  expect(scores.rising.idTest).toHaveLength(100);
  expect(results.idAccuracy?.value).toBe(0.9);
  expect(rising.fitSeconds).toBe(0.001);
  expect(rising.scoreMicroseconds).toBe(10);
});

it('reports progress that only rises and ends at one', async () => {
  const fractions: number[] = [];
  await runBenchmark(syntheticBenchmark(), contestants, {
    now: clock(),
    onProgress: ({ fraction }) => fractions.push(fraction),
  });
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

it('stops when told to, and closes the detector it was using', async () => {
  const controller = new AbortController();
  let closed = 0;
  const run = runBenchmark(
    syntheticBenchmark(),
    [
      {
        name: 'slow',
        description: '',
        fit: () => ({
          score: () => {
            controller.abort();
            return new Float64Array(100);
          },
          close: () => {
            closed++;
          },
        }),
      },
    ],
    { now: clock(), signal: controller.signal },
  );
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  expect(closed).toBe(1);
});
