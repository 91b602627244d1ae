// What `fde` and `fde-fused` reach on the benchmarks in OOD_BENCH; writes docs/results/fde.md and docs/results/fde-fused.md.
//
//   OOD_BENCH=… pnpm --filter @ood/detectors bench:density [--seeds 3] [--cache DIR] [--report]
//
// What was measured is kept in the cache folder, so that a run goes on where it stopped; `--report` only writes what is there.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { auroc } from '@ood/metrics';
import { applyHead } from '../src/contract/training.ts';
import { fitDetector } from '../src/index.ts';
import { openProducts } from '../src/linear-algebra/products.ts';
import { type Benchmark, loadBenchmarks } from './support/benchmarks.ts';
import { CONTESTANTS, type Contestant } from './support/contestants.ts';
import { fdeReport, fusedReport, type Measured } from './support/density-reports.ts';
import { splitIndices, takeRows } from './support/split.ts';

const { values: flags } = parseArgs({
  options: { cache: { type: 'string' }, seeds: { type: 'string' }, report: { type: 'boolean' } },
});
const cache = flags.cache ?? join(tmpdir(), 'ood-density');
const seeds = Array.from({ length: Number(flags.seeds ?? 3) }, (_, i) => i + 1);
await mkdir(cache, { recursive: true });
const benchmarks = await loadBenchmarks();
const products = openProducts({ threads: 1 });
if (!flags.report) {
  for (const seed of seeds) {
    for (const contestant of CONTESTANTS) {
      for (const benchmark of benchmarks) await measure(benchmark, contestant, seed);
    }
    await writeReports();
  }
}
await products.close();
await writeReports();

async function writeReports(): Promise<void> {
  const all: Measured[] = [];
  for (const seed of seeds) {
    for (const { label } of CONTESTANTS) {
      for (const { name } of benchmarks) {
        const path = pathOf(name, label, seed);
        if (existsSync(path)) all.push(JSON.parse(await readFile(path, 'utf8')) as Measured);
      }
    }
  }
  const results = new URL('../../../docs/results/', import.meta.url);
  await writeFile(new URL('fde.md', results), fdeReport(all));
  await writeFile(new URL('fde-fused.md', results), fusedReport(all));
}

/** Fits on 80 % of the ID rows, the fused on all (they hold out their own), and scores everything else, once. */
async function measure(benchmark: Benchmark, contestant: Contestant, seed: number): Promise<void> {
  const { label, name, options = {}, seeded = false, sameWithout } = contestant;
  const path = pathOf(benchmark.name, label, seed);
  if (existsSync(path)) return;
  const logits =
    benchmark.train.logits ?? (await applyHead(benchmark.head, benchmark.train.features, products));
  const rows = { ...benchmark.train, logits };
  const { rest } = splitIndices(rows.features.rows, 0.2, seed);
  const training = name.endsWith('-fused') ? rows : takeRows(rows, rest);
  const start = process.cpuUsage();
  const detector = await fitDetector(name, training, {
    head: benchmark.head,
    threads: 1,
    ...options,
    ...(seeded && { seed }),
  });
  const { user, system } = process.cpuUsage(start);
  const test = await detector.score(benchmark.test);
  const sets: Measured['sets'][number][] = [];
  for (const { name: set, near, rows: given } of benchmark.ood) {
    sets.push({ set, near, auroc: 100 * auroc(test, await detector.score(given)) });
  }
  const { fitted } = detector.describe();
  await detector.close();
  const measured: Measured = {
    benchmark: benchmark.name,
    label,
    seed,
    sets,
    fitted,
    cpu: (user + system) / 1e6,
  };
  await writeFile(path, JSON.stringify(measured));
  if (sameWithout !== undefined && fitted[sameWithout.number] === undefined) {
    const same = pathOf(benchmark.name, sameWithout.label, seed);
    await writeFile(same, JSON.stringify({ ...measured, label: sameWithout.label }));
  }
  process.stderr.write(`${benchmark.name}, ${label}, seed ${seed}\n`);
}

function pathOf(benchmark: string, label: string, seed: number): string {
  return join(cache, `${benchmark}.${label.replaceAll(/[^\w+-]+/g, '_')}.${seed}.json`);
}
