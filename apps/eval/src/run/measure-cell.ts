import { describeMethod, fitDetector } from '@ood/detectors';
import type { Head } from '@ood/features';
import type { Benchmark, FeatureSet } from '../benchmark.ts';
import { checkScores } from '../check-scores.ts';
import { BenchmarkError } from '../errors.ts';
import type { TaskDetector } from '../tasks/task.ts';
import type { Cell } from './cells.ts';

/** What is measured: a detector on the sets of a backbone. */
export interface CellJob {
  readonly detector: TaskDetector;
  readonly seed: number;
  readonly key: string;
  readonly threads: number;
}

/**
 * Fits a detector on the ID training rows, scores ID test and all OOD sets, and says what that cost.
 *
 * @throws BenchmarkError `UNSUPPORTED`, `EMPTY_INPUT` where the features lack logits or a head that the method reads, `WRONG_SCORES`; whatever fitting throws
 */
export async function measureCell(
  { detector: { method, options, label }, seed, key, threads }: CellJob,
  { benchmark, head }: { readonly benchmark: Benchmark; readonly head: Head | undefined },
  now: () => number,
): Promise<Cell> {
  requireParts(method, benchmark, head);
  const { defaults } = describeMethod(method);
  const start = now();
  const fitted = await fitDetector(method, benchmark.idTrain, {
    ...('seed' in defaults && { seed }),
    ...options,
    head,
    threads,
  });
  try {
    const fitSeconds = (now() - start) / 1000;
    const costs: number[] = [];
    const score = async (set: FeatureSet) => {
      const begin = now();
      const scores = await fitted.score(set);
      costs.push(((now() - begin) * 1000) / set.features.rows);
      return checkScores(label, set, scores);
    };
    const idTest = await score(benchmark.idTest);
    const ood: Record<string, Float64Array> = {};
    for (const set of benchmark.ood) ood[set.name] = await score(set);
    costs.sort((a, b) => a - b);
    return {
      backbone: benchmark.name,
      detector: label,
      seed,
      key,
      method,
      options,
      cost: {
        fitSeconds,
        scoreMicroseconds: costs[costs.length >> 1]!,
        bytes: fitted.encode().length,
      },
      threads,
      node: process.version,
      fitted: fitted.describe().fitted,
      scores: { idTest, ood },
    };
  } finally {
    await fitted.close();
  }
}

/** Refuses what a method reads and is not there. */
export function requireParts(method: string, { idTest, ood }: Benchmark, head: Head | undefined): void {
  const { reads, needs } = describeMethod(method);
  const where = `detector ${method}`;
  if (needs.includes('head') && head === undefined)
    throw new BenchmarkError('UNSUPPORTED', {
      where,
      expected: 'the classification head whose weights it reads',
      got: 'no classification head',
      advice: 'give the model that the features come from',
    });
  if (reads.some(part => [idTest, ...ood].some(set => set[part] === undefined)))
    throw new BenchmarkError('EMPTY_INPUT', {
      where,
      expected: `${reads.join(' and ')} of every set`,
      got: 'features only',
      advice: 'write <set>.logits.npy beside the features, or give the model that they come from',
    });
}
