/**
 * Times scoring with the paper's Glow and with `fde`, linear layers folded, in onnxruntime: samples per second, and for Glow the
 * rate of the floating-point operations it cannot do without (one matrix and two half-split networks for each block).
 *
 *     pnpm --filter @ood/flows bench:scoring [--dim 512] [--blocks 10] [--batch 250] [--rounds 9] [--threads 2]
 */

import { availableParallelism } from 'node:os';
import { createRandom } from '@ood/core';
import { nodeRuntime } from '@ood/onnx/node';
import { createFlow, fde, glow, type Preset } from '../src/index.ts';
import { features, numbersFrom } from './support/arguments.ts';
import { median, milliseconds, print } from './support/timing.ts';

const {
  dim,
  blocks,
  batch: rows,
  rounds,
  threads,
} = numbersFrom({ dim: 512, blocks: 10, batch: 250, rounds: 9, threads: availableParallelism() });

const source = features(rows, dim);

async function samplesPerSecond(preset: Preset): Promise<{ rate: number; firstMs: number }> {
  const { model, weights } = await preset.build({ features: source }, createRandom(2));
  const flow = createFlow(model, weights, { runtime: nodeRuntime, threads });
  const time = () => milliseconds(() => flow.logProb(source, { batchSize: rows }));
  const firstMs = await time();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await time());
  await flow.close();
  return { rate: (1000 * rows) / median(times), firstMs };
}

const paper = await samplesPerSecond(glow({ blocks }));
const ours = await samplesPerSecond(fde());
// Per row and block: the folded matrix (d²), two networks from d/2 to d to d/2 (2 d²).
const flopPerRow = blocks * 3 * dim * dim * 2;
print({
  bench: 'scoring',
  dim,
  blocks,
  batch: rows,
  threads,
  runtime: `${nodeRuntime.name} ${nodeRuntime.version}`,
  glowSamplesPerSecond: paper.rate,
  glowGflopPerSecond: (paper.rate * flopPerRow) / 1e9,
  glowFirstBatchMs: paper.firstMs,
  fdeSamplesPerSecond: ours.rate,
});
