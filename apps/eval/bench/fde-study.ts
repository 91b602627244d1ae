/**
 * The study behind the `fde` preset: flows, with the paper's recipe beside ours, against the best density baselines on real
 * benchmarks, over seeds. Every fit is kept in a cache file at once, so that a killed run goes on.
 *
 *   OOD_BENCH=<folder of benchmarks> pnpm --filter @ood/eval study:fde [--seeds 5] [--only fde,knn] [--cache FILE]
 *
 * A benchmark is a folder `<name>/features` of .npy files (see readBenchmark).
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Detector, fitFde, fitKnn, fitMahalanobis, type TrainingRows } from '@ood/detectors';
import { fde, glow } from '@ood/flows';
import { detectionMetrics, meanInterval } from '@ood/metrics';
import { type Benchmark, readBenchmark } from '../src/index.ts';

const NEAR: Readonly<Record<string, readonly string[]>> = {
  'cifar10-resnet20': ['tinyimagenet'],
  'imagenette-mobilenet': ['scenes'],
  'digits-mlp': ['omniglot'],
};

interface Variant {
  readonly name: string;
  /** Whether its result depends on the seed. */
  readonly seeded: boolean;
  fit(training: TrainingRows, seed: number): Promise<Detector>;
}

const ourFde = (name: string, options: Parameters<typeof fde>[0] = {}, labels = true): Variant => ({
  name,
  seeded: true,
  fit: ({ features, labels: classes }, seed) =>
    fitFde({ features, ...(labels && { labels: classes }) }, { preset: fde(options), seed, threads: 1 }),
});

const VARIANTS: readonly Variant[] = [
  { name: 'KNN (k = 10)', seeded: false, fit: training => fitKnn(training, { k: 10 }) },
  { name: 'KNN (k = 50)', seeded: false, fit: training => fitKnn(training) },
  { name: 'Mahalanobis++', seeded: false, fit: training => fitMahalanobis(training, { normalise: true }) },
  {
    name: 'paper: glow, Adam 1e-5, 1 epoch',
    seeded: true,
    fit: ({ features }, seed) => fitFde({ features }, { preset: glow(), seed, threads: 1 }),
  },
  {
    name: 'paper: glow, Adam 1e-4, 1 epoch',
    seeded: true,
    fit: ({ features }, seed) =>
      fitFde({ features }, { preset: glow(), seed, threads: 1, learningRate: 1e-4 }),
  },
  ourFde('fde'),
  ourFde('fde, noise 1, shrinkage 0.01', { shrinkage: 0.01, training: { noise: 1 } }),
];

interface Fit {
  readonly benchmark: string;
  readonly variant: string;
  readonly seed: number;
  readonly seconds: number;
  /** AUROC by OOD set. */
  readonly auroc: Readonly<Record<string, number>>;
}

const { values: args } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    only: { type: 'string' },
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
const fits: Fit[] = existsSync(args.cache)
  ? readFileSync(args.cache, 'utf8')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
  : [];
const chosen = VARIANTS.filter(
  ({ name }) => args.only === undefined || args.only.split(',').some(part => name.includes(part)),
);

for (const name of Object.keys(NEAR)) {
  const benchmark = await readBenchmark(join(root, name, 'features'), { near: NEAR[name] });
  for (const variant of chosen) {
    for (let seed = 1; seed <= (variant.seeded ? Number(args.seeds) : 1); seed++) {
      if (fits.some(fit => fit.benchmark === name && fit.variant === variant.name && fit.seed === seed))
        continue;
      const fit = {
        benchmark: name,
        variant: variant.name,
        seed,
        ...(await judge(variant, benchmark, seed)),
      };
      fits.push(fit);
      appendFileSync(args.cache, `${JSON.stringify(fit)}\n`);
      console.error(
        `${name}, ${variant.name}, seed ${seed}: ${fit.seconds.toFixed(0)} s ${JSON.stringify(fit.auroc)}`,
      );
    }
  }
  console.log(
    table(
      benchmark,
      fits.filter(fit => fit.benchmark === name),
    ),
  );
}

async function judge(
  variant: Variant,
  { idTrain, idTest, ood }: Benchmark,
  seed: number,
): Promise<Pick<Fit, 'seconds' | 'auroc'>> {
  const start = performance.now();
  const detector = await variant.fit(idTrain, seed);
  const seconds = (performance.now() - start) / 1000;
  const id = await detector.score(idTest);
  const auroc: Record<string, number> = {};
  for (const set of ood) auroc[set.name] = detectionMetrics(id, await detector.score(set)).auroc;
  await detector.close();
  return { seconds, auroc };
}

/** Markdown: AUROC in percent, mean over seeds ± half of its 95 % interval. */
function table({ ood }: Benchmark, own: readonly Fit[]): string {
  const variants = [...new Set(own.map(({ variant }) => variant))];
  const cell = (variant: string, set: string): string => {
    const aurocs = own.filter(fit => fit.variant === variant).map(fit => 100 * fit.auroc[set]);
    const { value, interval } = meanInterval(aurocs);
    return interval === null
      ? value.toFixed(2)
      : `${value.toFixed(2)} ± ${((interval.high - interval.low) / 2).toFixed(2)}`;
  };
  const head = ['', ...ood.map(({ name, group }) => `${name} (${group})`)];
  const rows = variants.map(variant => [variant, ...ood.map(({ name }) => cell(variant, name))]);
  return [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...rows]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n');
}
