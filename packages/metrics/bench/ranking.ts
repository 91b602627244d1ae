/**
 * AUROC, both average precisions and FPR95 of many scores, beside scikit-learn on the same machine; memory for ten times as many; DeLong.
 *
 *     npx -y pnpm@10 --filter @ood/metrics bench
 *
 * Prints one JSON document. `OOD_PYTHON` names a Python with scikit-learn (default `python3`); without one the peer is reported as absent.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createRandom } from '@ood/core';
import { delong, delongTest, detectionMetrics } from '../src/index.ts';
import { normalUpperQuantile } from '../src/special/normal.ts';

const repeats = 5;

function draw(seed: number, count: number, mean: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => mean - normalUpperQuantile(random.uniform() + 2 ** -54));
}

function medianSeconds(run: () => unknown): number {
  const seconds = Array.from({ length: repeats }, () => {
    const start = performance.now();
    run();
    return (performance.now() - start) / 1000;
  }).sort((a, b) => a - b);
  return seconds[repeats >> 1]!;
}

interface Peer {
  readonly seconds: { auroc: number; average_precision: number; fpr_at_95: number };
  readonly values: { auroc: number };
  readonly sklearn: string;
}

/** The peer computes one average precision, so its time counts twice: we compute both. */
function peer(scores: number): { version: string; seconds: number } | { absent: string } {
  const python = process.env.OOD_PYTHON ?? 'python3';
  if (spawnSync(python, ['-c', 'import sklearn'], { stdio: 'ignore' }).status !== 0) {
    return { absent: `${python} has no scikit-learn; name one by OOD_PYTHON` };
  }
  const script = fileURLToPath(new URL('../../../tooling/peers/sklearn_metrics.py', import.meta.url));
  const text = execFileSync(python, [script, '--scores', String(scores), '--repeats', String(repeats)], {
    encoding: 'utf8',
  });
  const { seconds, sklearn }: Peer = JSON.parse(text);
  return {
    version: sklearn,
    seconds: seconds.auroc + 2 * seconds.average_precision + seconds.fpr_at_95,
  };
}

/** Largest resident memory of a fresh process that holds the scores and, if asked, measures them; bytes. */
function residentBytes(scores: number, measure: boolean): number {
  const child = fileURLToPath(new URL('./memory-child.ts', import.meta.url));
  const text = execFileSync(
    process.execPath,
    ['--conditions=@ood/source', '--import', 'tsx', child, String(scores), String(measure)],
    { encoding: 'utf8' },
  );
  return Number(text);
}

const id = draw(1, 500_000, 0);
const ood = draw(2, 500_000, 1);
const ours = medianSeconds(() => detectionMetrics(id, ood));
const theirs = peer(1_000_000);

const inputBytes = 1e7 * 8;
const held = residentBytes(1e7, false);
const peak = residentBytes(1e7, true);

const pair = { id: draw(3, 100_000, 0), ood: draw(4, 100_000, 1) };
const other = { id: draw(5, 100_000, 0), ood: draw(6, 100_000, 1) };

process.stdout.write(
  `${JSON.stringify(
    {
      schemaVersion: 1,
      node: process.version,
      detectionMetricsOf1e6: {
        seconds: ours,
        scikitLearn: theirs,
        timesFaster: 'seconds' in theirs ? theirs.seconds / ours : null,
      },
      detectionMetricsOf1e7: {
        inputBytes,
        extraBytes: peak - held,
        totalOverInput: 1 + (peak - held) / inputBytes,
      },
      delong1e5x1e5: {
        intervalSeconds: medianSeconds(() => delong(pair.id, pair.ood)),
        pairedTestSeconds: medianSeconds(() => delongTest(pair, other)),
      },
    },
    null,
    2,
  )}\n`,
);
