// `fde`, `fde-fused` and the paper's flows beside the baselines, on the benchmarks in OOD_BENCH, over seeds: the paper's recipe at its own
// length, every detector fitted on all ID training rows. Writes docs/results/fde-study.md.
//
//   OOD_BENCH=… pnpm --filter @ood/detectors study [--seeds 5] [--cache DIR] [--benchmarks a,b] [--only LABEL …] [--slow | --fast] [--report]
//
// Each fit is kept in the cache folder, so that a run goes on where it stopped. Fits that take an hour come last, after all others of all
// seeds; among either kind, seed after seed. `--report` only writes what is there.
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { applyHead } from '../../src/contract/training.ts';
import { openProducts } from '../../src/linear-algebra/products.ts';
import { type Benchmark, loadBenchmarks } from '../support/benchmarks.ts';
import { type Cell, openCells } from './cells.ts';
import { CONTESTANTS, type Contestant } from './contestants.ts';
import { studyReport } from './report.ts';

const { values: flags } = parseArgs({
  options: {
    cache: { type: 'string', default: join(tmpdir(), 'ood-study') },
    seeds: { type: 'string', default: '5' },
    benchmarks: { type: 'string' },
    only: { type: 'string', multiple: true },
    slow: { type: 'boolean' },
    fast: { type: 'boolean' },
    report: { type: 'boolean' },
  },
});
const cells = await openCells(flags.cache);
if (!flags.report) {
  const wanted = flags.benchmarks?.split(',');
  const benchmarks = (await loadBenchmarks()).filter(({ name }) => wanted?.includes(name) ?? true);
  const chosen = CONTESTANTS.filter(({ label }) => flags.only?.includes(label) ?? true);
  const withLogits = await Promise.all(benchmarks.map(completed));
  for (const slow of [false, true].filter(kind => (kind ? !flags.fast : !flags.slow))) {
    for (let seed = 1; seed <= Number(flags.seeds); seed++) {
      for (const contestant of chosen) {
        for (const benchmark of withLogits) {
          const isSlow = benchmark.train.features.cols > (contestant.slowBeyond ?? Number.POSITIVE_INFINITY);
          if (isSlow === slow && (seed === 1 || contestant.seeded))
            await measure(benchmark, contestant, seed);
        }
      }
    }
  }
}
await writeFile(
  new URL('../../../../docs/results/fde-study.md', import.meta.url),
  studyReport(await cells.all()),
);

/** The benchmark with logits of its ID training rows, from the head where the files leave them out. */
async function completed(benchmark: Benchmark): Promise<Benchmark> {
  if (benchmark.train.logits) return benchmark;
  const products = openProducts({ threads: 1 });
  const logits = await applyHead(benchmark.head, benchmark.train.features, products);
  await products.close();
  return { ...benchmark, train: { ...benchmark.train, logits } };
}

async function measure(
  { name: benchmark, train: training, head, test, ood }: Benchmark,
  { label: contestant, fit, sameWithout }: Contestant,
  seed: number,
): Promise<void> {
  if (cells.has({ benchmark, contestant, seed })) return;
  const start = process.cpuUsage();
  const detector = await fit({ training, head, seed });
  const { user, system } = process.cpuUsage(start);
  const { fitted } = detector.describe();
  const id = [...(await detector.score(test))];
  const sets: Cell['ood'][number][] = [];
  for (const { name: set, near, rows } of ood)
    sets.push({ set, near, scores: [...(await detector.score(rows))] });
  await detector.close();
  const cell: Cell = { benchmark, contestant, seed, fitted, cpu: (user + system) / 1e6, id, ood: sets };
  await cells.add(cell);
  if (sameWithout && fitted[sameWithout.number] === undefined) {
    await cells.add({ ...cell, contestant: sameWithout.label });
  }
  process.stderr.write(`${benchmark}, ${contestant}, seed ${seed}: ${cell.cpu.toFixed(0)} s\n`);
}
