/**
 * The study behind the `fde` preset: ours beside the best density baselines and the paper's recipe on real benchmarks, over
 * seeds, and how its two settings were chosen, leaving one benchmark out. Every fit is kept in a cache file at once, so that a
 * killed run goes on. Writes docs/results/fde-study.md.
 *
 *   OOD_BENCH=<folder of benchmarks> pnpm --filter @ood/eval study:fde [--seeds 5] [--grid-seeds 2] [--cache FILE]
 *
 * A benchmark is a folder `<name>/features` of .npy files (see readBenchmark).
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readBenchmark } from '../../src/index.ts';
import { fitCache, judge } from './fits.ts';
import { report } from './report.ts';
import type { StudiedSet } from './tables.ts';
import { BASELINES, GRID, OURS } from './variants.ts';

/** The benchmarks of the study, and which of their OOD sets are near. */
const NEAR: Readonly<Record<string, readonly string[]>> = {
  'cifar10-resnet20': ['tinyimagenet'],
  'imagenette-mobilenet': ['scenes'],
  'digits-mlp': ['omniglot'],
};

const { values: args } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    'grid-seeds': { type: 'string', default: '2' },
    cache: { type: 'string', default: 'fde-study.jsonl' },
  },
});
const root = process.env.OOD_BENCH;
if (root === undefined || !existsSync(root)) {
  console.error(
    'fde-study: expected OOD_BENCH to name a folder of benchmarks, got none; set it and run again',
  );
  process.exit(2);
}

const cache = fitCache(args.cache);
const sets: StudiedSet[] = [];
const plan = [
  ...[...BASELINES, ...OURS].map(variant => ({
    variant,
    seeds: variant.seeded ? Math.min(Number(args.seeds), variant.mostSeeds ?? Number.POSITIVE_INFINITY) : 1,
  })),
  ...GRID.map(variant => ({ variant, seeds: Number(args['grid-seeds']) })),
];
for (const [name, near] of Object.entries(NEAR)) {
  const benchmark = { ...(await readBenchmark(join(root, name, 'features'), { near })), name };
  sets.push(...benchmark.ood.map(({ name: set, group }) => ({ benchmark: name, set, group })));
  for (const { variant, seeds } of plan) {
    for (let seed = 1; seed <= seeds; seed++) {
      if (cache.has(name, variant.name, seed)) continue;
      const fit = await judge(variant, benchmark, seed);
      cache.add(fit);
      console.error(
        `${name}, ${variant.name}, seed ${seed}: ${fit.seconds.toFixed(0)} s ${JSON.stringify(fit.auroc)}`,
      );
    }
  }
}

const file = new URL('../../../../docs/results/fde-study.md', import.meta.url);
writeFileSync(file, report(sets, cache.fits));
console.error(`written: ${file.pathname}`);
