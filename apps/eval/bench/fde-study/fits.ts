import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { detectionMetrics } from '@ood/metrics';
import type { Benchmark } from '../../src/index.ts';
import type { Variant } from './variants.ts';

/** One variant, fitted once. */
export interface Fit {
  readonly benchmark: string;
  readonly variant: string;
  readonly seed: number;
  readonly seconds: number;
  /** AUROC by OOD set, in [0, 1]. */
  readonly auroc: Readonly<Record<string, number>>;
}

/** Fits kept in a file of JSON lines, each written as soon as it is done. */
export function fitCache(path: string) {
  const fits: Fit[] = existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line))
    : [];
  return {
    fits: fits as readonly Fit[],
    has: (benchmark: string, variant: string, seed: number) =>
      fits.some(fit => fit.benchmark === benchmark && fit.variant === variant && fit.seed === seed),
    add: (fit: Fit) => {
      fits.push(fit);
      appendFileSync(path, `${JSON.stringify(fit)}\n`);
    },
  };
}

/** Fits a variant to a benchmark's ID training rows and judges it on every OOD set. */
export async function judge(variant: Variant, benchmark: Benchmark, seed: number): Promise<Fit> {
  const { idTrain, idTest, ood, name } = benchmark;
  const start = performance.now();
  const detector = await variant.fit(idTrain, seed);
  const seconds = (performance.now() - start) / 1000;
  const id = await detector.score(idTest);
  const auroc: Record<string, number> = {};
  for (const set of ood) auroc[set.name] = detectionMetrics(id, await detector.score(set)).auroc;
  await detector.close();
  return { benchmark: name, variant: variant.name, seed, seconds, auroc };
}
