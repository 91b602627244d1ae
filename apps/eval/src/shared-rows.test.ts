import { expect, it } from 'vitest';
import { contestants, syntheticBenchmark } from '../test/synthetic-benchmark.ts';
import type { Benchmark } from './benchmark.ts';
import { renderReport } from './report/render-report.ts';
import { runBenchmark } from './run-benchmark.ts';
import { findSharedRows } from './shared-rows.ts';

const set = (name: string, values: readonly number[]) => ({
  name,
  features: { rows: values.length, cols: 2, data: Float32Array.from(values.flatMap(v => [v, -v])) },
});

const overlapping: Benchmark = {
  name: 'overlapping',
  idTrain: set('train', [1, 2, 3, 4]),
  idTest: set('test', [4, 5, 6]),
  ood: [
    { ...set('copies', [1, 1, 5, 9]), group: 'near' },
    { ...set('apart', [1.0000001, 20]), group: 'far' },
  ],
};

it('counts the rows that sets share to the last bit, and names both sets', () => {
  expect(findSharedRows(overlapping)).toEqual([
    { set: 'test', alsoIn: 'train', rows: 1 },
    { set: 'copies', alsoIn: 'train', rows: 2 },
    { set: 'copies', alsoIn: 'test', rows: 1 },
  ]);
});

it('is told before the first detector is fitted, kept in the results, and shown in the report', async () => {
  const events: string[] = [];
  const run = await runBenchmark(
    overlapping,
    [
      {
        name: 'sum',
        description: '',
        fit: () => {
          events.push('fit');
          return { score: ({ features }) => Float64Array.from({ length: features.rows }, (_, i) => i) };
        },
      },
    ],
    { now: () => 0, onSharedRows: shared => events.push(`shared ${shared.length}`) },
  );
  expect(events).toEqual(['shared 3', 'fit']);
  expect(run.results.sharedRows).toHaveLength(3);
  const [copies, apart] = run.results.detectors[0]!.sets;
  expect(copies!.warnings).toContain('2 rows of copies are in train as well (equal features)');
  expect(apart!.warnings.join()).not.toContain('equal features');
  const report = await renderReport({ ...run, benchmark: overlapping });
  expect(report).toContain('1 row of copies is in test as well (equal features)');
});

it('says that nothing is shared where nothing is', async () => {
  const benchmark = syntheticBenchmark();
  const apart = { ...benchmark, ood: benchmark.ood.filter(({ group }) => group === 'far') };
  const disjoint = {
    ...apart,
    idTrain: { name: 'train', features: { rows: 1, cols: 3, data: Float32Array.of(7e7, 0, 0) } },
    idTest: apart.idTest,
  };
  expect(findSharedRows(disjoint)).toEqual([]);
  const run = await runBenchmark(disjoint, contestants.slice(0, 1), { now: () => 0 });
  expect(run.results.sharedRows).toEqual([]);
  expect(await renderReport({ ...run, benchmark: disjoint })).toContain('no row of equal features');
});
