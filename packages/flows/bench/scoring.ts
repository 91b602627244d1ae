/**
 * Times scoring with the paper's Glow and with `fde`, linear layers folded, in onnxruntime: samples per second, and for Glow the
 * rate of the floating-point operations it cannot do without (one matrix and two half-split networks for each block).
 *
 *     pnpm --filter @ood/flows bench:scoring [--dim 512] [--blocks 10] [--batch 250] [--rounds 9] [--threads 2]
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { nodeRuntime } from '@ood/onnx/node';
import { createFlow, fde, glow, type Preset, seededRng } from '../src/index.ts';
import { normalArray } from '../src/random.ts';
import { median, print } from './support/timing.ts';

const { values } = parseArgs({
  options: {
    dim: { type: 'string', default: '512' },
    blocks: { type: 'string', default: '10' },
    batch: { type: 'string', default: '250' },
    rounds: { type: 'string', default: '9' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const [dim, blocks, rows, rounds, threads] = [
  values.dim,
  values.blocks,
  values.batch,
  values.rounds,
  values.threads,
].map(Number) as [number, number, number, number, number];

const features = { rows, cols: dim, data: normalArray(rows * dim, seededRng(1)).map(Math.abs) };

async function samplesPerSecond(preset: Preset): Promise<{ rate: number; firstMs: number }> {
  const { model, weights } = await preset.build({ features }, seededRng(2));
  const flow = createFlow(model, weights, { runtime: nodeRuntime, threads });
  const time = async () => {
    const start = performance.now();
    await flow.logProb(features, { batchSize: rows });
    return performance.now() - start;
  };
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
