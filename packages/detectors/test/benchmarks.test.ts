import { existsSync } from 'node:fs';
import { auroc } from '@ood/metrics';
import { describe, expect, it } from 'vitest';
import { type Benchmark, loadBenchmarks } from '../bench/support/benchmarks.ts';
import { type Detector, fitFde, fitKnn, fitMahalanobis } from '../src/index.ts';

const root = process.env.OOD_BENCH;
const absent = root === undefined || !existsSync(root);
const benchmarks = absent ? [] : await loadBenchmarks();

/** Points of AUROC that a mean may lie below the better of two detectors, which is another one on each benchmark. */
const MARGIN = 0.5;

if (absent) {
  it.skip('fde against KNN and Mahalanobis++: OOD_BENCH names no folder of benchmarks', () => {});
} else {
  describe.each(benchmarks)('$name', benchmark => {
    it('fde without a flow is not below the better of KNN and Mahalanobis++', async () => {
      const { train } = benchmark;
      const own = await means(await fitFde(train, { flow: 'never' }), benchmark);
      const knn = await means(await fitKnn(train, { k: 10 }), benchmark);
      const mahalanobis = await means(
        await fitMahalanobis(train, { normalize: true, shrinkage: 0.01 }),
        benchmark,
      );
      for (const kind of ['near', 'far'] as const) {
        expect(own[kind], kind).toBeGreaterThanOrEqual(Math.max(knn[kind], mahalanobis[kind]) - MARGIN);
      }
    }, 900_000);
  });
}

async function means(detector: Detector, { test, ood }: Benchmark) {
  const id = await detector.score(test);
  const values = { near: [] as number[], far: [] as number[] };
  for (const { near, rows } of ood)
    values[near ? 'near' : 'far'].push(100 * auroc(id, await detector.score(rows)));
  await detector.close();
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value / list.length, 0);
  return { near: mean(values.near), far: mean(values.far) };
}
