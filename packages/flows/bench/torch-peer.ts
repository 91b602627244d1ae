/**
 * Trains and scores the paper's Glow with `fit` and with the published recipe in PyTorch (tooling/peers/reference_glow.py),
 * by turns on the same machine; prints samples per second of both and their ratios.
 *
 *     pnpm --filter @ood/flows bench:torch [--dim 512] [--blocks 10] [--batch 250] [--steps 10] [--rounds 3] [--threads 2]
 *
 * Needs Python with torch (`pip install torch`); OOD_PYTHON names the interpreter, `python3` by default.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { glow } from '../src/presets/glow.ts';
import { fit } from '../src/training/fit.ts';
import { features, numbersFrom } from './support/arguments.ts';
import { median, milliseconds, print } from './support/timing.ts';

const { dim, blocks, batch, steps, rounds, threads } = numbersFrom({
  dim: 512,
  blocks: 10,
  batch: 250,
  steps: 10,
  rounds: 3,
  threads: availableParallelism(),
});

interface Speed {
  readonly train: number;
  readonly score: number;
}

const python = process.env.OOD_PYTHON ?? 'python3';
const script = fileURLToPath(new URL('../../../tooling/peers/reference_glow.py', import.meta.url));

async function peer(): Promise<Speed> {
  const options = { dim, blocks, batch, steps, threads, repeats: 1 };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(python, [script, ...args]);
  const result = JSON.parse(stdout);
  return { train: result.train_samples_per_s, score: result.score_samples_per_s };
}

const rows = batch * (steps + 1);
const source = features(rows, dim);

async function ours(): Promise<Speed> {
  let train = 0;
  const { flow } = await fit(glow({ blocks }), source, {
    batchSize: batch,
    threads,
    now: () => performance.now(),
    onProgress: ({ samplesPerSecond }) => {
      train = samplesPerSecond ?? 0;
    },
  });
  const score = () => flow.logProb(source, { batchSize: batch });
  await score();
  const ms = await milliseconds(score);
  await flow.close();
  return { train, score: (rows / ms) * 1000 };
}

const hasTorch = await promisify(execFile)(python, ['-c', 'import torch']).then(
  () => true,
  () => false,
);
if (!hasTorch) {
  process.stderr.write(
    `${python} has no torch: install it (pip install torch) or name another in OOD_PYTHON\n`,
  );
  process.exitCode = 1;
} else {
  const pairs: { ours: Speed; torch: Speed }[] = [];
  for (let round = 0; round < rounds; round++) pairs.push({ torch: await peer(), ours: await ours() });
  const ratio = (kind: keyof Speed) => median(pairs.map(pair => pair.ours[kind] / pair.torch[kind]));
  const speed = (who: 'ours' | 'torch', kind: keyof Speed) => median(pairs.map(pair => pair[who][kind]));
  print({
    bench: 'torch-peer',
    ...{ dim, blocks, batch, steps, rounds, threads },
    trainSamplesPerSecond: { ours: speed('ours', 'train'), torch: speed('torch', 'train') },
    scoreSamplesPerSecond: { ours: speed('ours', 'score'), torch: speed('torch', 'score') },
    trainRatio: ratio('train'),
    scoreRatio: ratio('score'),
  });
}
