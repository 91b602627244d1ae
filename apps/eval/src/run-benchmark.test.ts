import { describe, expect, it } from 'vitest';
import { contestants, syntheticBenchmark } from '../test/synthetic-benchmark.ts';
import type { Benchmark, Contestant, FeatureSet, OodFeatureSet } from './benchmark.ts';
import { renderReport } from './report/render-report.ts';
import type { DetectorResult } from './results.ts';
import { type BenchmarkProgress, runBenchmark } from './run-benchmark.ts';

const clock = () => {
  let milliseconds = 0;
  return () => ++milliseconds;
};

it('judges every detector on every set, and keeps an inverted one inverted', async () => {
  const { results, scores } = await runBenchmark(syntheticBenchmark(), contestants, { now: clock() });
  const [rising, falling] = results.detectors as [DetectorResult, DetectorResult];
  expect(rising.sets.map(({ set, group, rows }) => [set, group, rows])).toEqual([
    ['half & half', 'near', 100],
    ['beyond', 'far', 40],
  ]);
  expect(rising.mean.near?.auroc).toBeCloseTo(0.875, 2);
  expect(rising.mean.far).toEqual({ auroc: 1, fpr95IdAccepted: 0 });
  expect(falling.mean.far).toEqual({ auroc: 0, fpr95IdAccepted: 1 });
  expect(falling.sets[1]!.warnings.join()).toContain('below 0.5');
  expect(rising.sets[0]!.auroc.low).toBeLessThan(rising.sets[0]!.auroc.value);
  expect(scores.rising!.idTest).toHaveLength(100);
  expect(results.idAccuracy?.value).toBe(0.9);
  expect(rising.fitSeconds).toBe(0.001);
  expect(rising.scoreMicroseconds).toBe(10);
});

it('reports progress that only rises and ends at the total', async () => {
  const events: BenchmarkProgress[] = [];
  await runBenchmark(syntheticBenchmark(), contestants, {
    now: clock(),
    onProgress: event => events.push(event),
  });
  const done = events.map(event => event.done);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(new Set(events.map(({ total }) => total))).toEqual(new Set([8]));
  expect(events.at(-1)).toEqual({ stage: 'done', detector: 'falling', done: 8, total: 8 });
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

describe('before anything is fitted', () => {
  const synthetic = syntheticBenchmark();
  const [near, far] = synthetic.ood as [OodFeatureSet, OodFeatureSet];
  const [entrant] = contestants;
  const withFar = (change: Partial<FeatureSet>): Benchmark => ({
    ...synthetic,
    ood: [near, { ...far, ...change }],
  });
  const matrix = (rows: number, cols: number, value = 0) => ({
    rows,
    cols,
    data: new Float32Array(rows * cols).fill(value),
  });
  const broken = matrix(40, 3);
  broken.data.set([Number.NaN, Number.NaN, 1], 6);
  broken.data.set([Number.POSITIVE_INFINITY], 30);

  it.each<[string, Benchmark, readonly Contestant[], string, string]>([
    ['no detector', synthetic, [], 'NO_DETECTORS', 'at least one detector'],
    ['two detectors of one name', synthetic, [entrant!, entrant!], 'DUPLICATE_NAME', '"rising" twice'],
    [
      'two sets of one name',
      withFar({ name: near.name }),
      contestants,
      'DUPLICATE_NAME',
      '"half & half" twice',
    ],
    ['no OOD set', { ...synthetic, ood: [] }, contestants, 'NOT_A_BENCHMARK', 'at least one OOD set'],
    [
      'a set without rows',
      withFar({ features: matrix(0, 3) }),
      contestants,
      'NOT_A_BENCHMARK',
      'set beyond: expected at least one row',
    ],
    [
      'features of another model',
      withFar({ features: matrix(40, 4) }),
      contestants,
      'WRONG_SHAPE',
      'set beyond, features: expected 3 columns as in ID training, got 4',
    ],
    [
      'logits of other samples',
      withFar({ logits: matrix(39, 2) }),
      contestants,
      'WRONG_SHAPE',
      'set beyond, logits: expected 40 rows, got 39',
    ],
    [
      'a matrix of another size than it says',
      withFar({ features: { ...broken, rows: 41 } }),
      contestants,
      'WRONG_SHAPE',
      'expected 41 × 3 numbers, got 120',
    ],
    [
      'labels of other samples',
      { ...synthetic, idTest: { ...synthetic.idTest, labels: Int32Array.of(1) } },
      contestants,
      'WRONG_SHAPE',
      'set test, labels: expected 100, one a row, got 1',
    ],
    [
      'NaN and infinite features',
      withFar({ features: broken }),
      contestants,
      'NON_FINITE',
      'set beyond, features: expected finite numbers, got NaN or infinity in 2 of 40 rows, the first in row 2',
    ],
  ])('refuses %s', async (_what, benchmark, entrants, code, message) => {
    const fitted: string[] = [];
    const counted = entrants.map(entrant => ({
      ...entrant,
      fit: () => {
        fitted.push(entrant.name);
        return { score: () => new Float64Array() };
      },
    }));
    await expect(runBenchmark(benchmark, counted, { now: clock() })).rejects.toMatchObject({
      name: 'BenchmarkError',
      code,
      message: expect.stringContaining(message),
    });
    expect(fitted).toEqual([]);
  });
});

describe('a detector that fails', () => {
  const scoring = (score: (set: FeatureSet) => unknown): Contestant => ({
    name: 'bad',
    description: '',
    fit: () => ({ score: set => score(set) as Float64Array }),
  });

  it.each<[string, (set: FeatureSet) => unknown, string]>([
    [
      'too few scores',
      () => new Float64Array(99),
      'detector bad on set test: expected 100 finite scores, one a row, got 99',
    ],
    ['no scores', () => undefined, 'got undefined'],
    [
      'NaN',
      ({ name }) => new Float64Array(name === 'beyond' ? 40 : 100).fill(name === 'beyond' ? Number.NaN : 1),
      'detector bad on set beyond: expected 40 finite scores, one a row, got 40 that are NaN or infinite, the first (NaN) in row 0',
    ],
  ])('with %s is named, with the set', async (_what, score, message) => {
    await expect(
      runBenchmark(syntheticBenchmark(), [scoring(score)], { now: clock() }),
    ).rejects.toMatchObject({ code: 'WRONG_SCORES', message: expect.stringContaining(message) });
  });

  it('does not cost what the others have found', async () => {
    const benchmark = syntheticBenchmark();
    const unfit: Contestant = {
      name: 'unfit',
      description: '',
      fit: () => {
        throw new Error('covariance: expected <more> rows');
      },
    };
    const run = await runBenchmark(benchmark, [unfit, contestants[0]!, scoring(() => null)], {
      now: clock(),
    });
    expect(run.results.detectors.map(({ detector }) => detector)).toEqual(['rising']);
    expect(run.results.failures).toEqual([
      { detector: 'unfit', code: null, reason: 'covariance: expected <more> rows' },
      { detector: 'bad', code: 'WRONG_SCORES', reason: expect.stringContaining('detector bad on set test') },
    ]);
    expect(await renderReport({ ...run, benchmark })).toContain(
      'unfit has no result: covariance: expected &lt;more&gt; rows',
    );
  });
});

it('takes scores of other kinds of lists as they are', async () => {
  const listed: Contestant = {
    name: 'listed',
    description: '',
    fit: () => ({ score: ({ features }) => Array.from({ length: features.rows }, (_, i) => i) as never }),
  };
  const { scores } = await runBenchmark(syntheticBenchmark(), [listed], { now: clock() });
  expect(scores.listed!.idTest).toEqual(Float64Array.from({ length: 100 }, (_, i) => i));
});

it('counts the accuracy over the rows that have a label', async () => {
  const benchmark = syntheticBenchmark();
  const labels = benchmark.idTest.labels!.map((label, i) => (i < 50 ? -1 : label));
  const accuracy = async (own: Int32Array) => {
    const judged = { ...benchmark, idTest: { ...benchmark.idTest, labels: own } };
    return (await runBenchmark(judged, contestants, { now: clock() })).results.idAccuracy?.value;
  };
  expect(await accuracy(labels)).toBe(0.8);
  expect(await accuracy(labels.fill(-1))).toBeUndefined();
});

it('shows in the report what to be careful with', async () => {
  const benchmark = syntheticBenchmark();
  const single = { ...benchmark.ood[1]!, features: { rows: 1, cols: 3, data: Float32Array.of(2, 0, 0) } };
  const run = await runBenchmark({ ...benchmark, ood: [single] }, contestants, { now: clock() });
  expect(await renderReport({ ...run, benchmark })).toContain('Only 100 ID and 1 OOD samples');
});
