/**
 * Times a training step of the paper's Glow on the recorded engine, against the bare MatMuls of its shapes in the same
 * runtime and against the same code run eagerly on tfjs's wasm backend, all in one process; prints the ratios.
 *
 *     pnpm --filter @ood/flows bench:step [--dim 512] [--blocks 10] [--batch 250] [--rounds 7] [--threads 2] [--no-wasm]
 */

import { availableParallelism } from 'node:os';
import { createRandom } from '@ood/core';
import { nodeRuntime } from '@ood/onnx/node';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { onnxEngine } from '../src/engine/onnx-engine.ts';
import { recordProgram } from '../src/engine/record-program.ts';
import { tfjsEngine } from '../src/engine/tfjs-engine.ts';
import { glow } from '../src/presets/glow.ts';
import { features, numbersFrom } from './support/arguments.ts';
import { bareProducts } from './support/bare-products.ts';
import { milliseconds, print } from './support/timing.ts';

const flags = process.argv.slice(2);
const withWasm = !flags.includes('--no-wasm');
const {
  dim,
  blocks,
  batch: rows,
  rounds,
  threads,
} = numbersFrom(
  { dim: 512, blocks: 10, batch: 250, rounds: 7, threads: availableParallelism() },
  flags.filter(flag => flag !== '--no-wasm'),
);

const batch = features(rows, dim);
const { model, weights } = await glow({ blocks }).build({ features: batch }, createRandom(2));
const adam = {};

const start = performance.now();
const program = recordProgram(model, weights, false);
const recordingMs = performance.now() - start;

const engine = await onnxEngine(program, weights.parameters, {
  runtime: nodeRuntime,
  adam,
  averaging: null,
  session: { threads },
});
await engine.adapt(batch);
const bare = await bareProducts(nodeRuntime, weights.parameters, { batch: rows, threads });

// The least of all rounds: what the machine can do when nothing else runs on it.
const least = {
  gradient: Number.POSITIVE_INFINITY,
  update: Number.POSITIVE_INFINITY,
  bare: Number.POSITIVE_INFINITY,
};
for (let step = 1; step <= 4 * rounds; step++) {
  if (step % 4 === 1) least.bare = await bare.measure();
  least.gradient = Math.min(least.gradient, await milliseconds(() => engine.gradients(batch)));
  least.update = Math.min(
    least.update,
    await milliseconds(() => engine.update({ step, learningRate: 1e-5 })),
  );
}
const { gradient: gradientMs, update: optimizerMs, bare: bareMs } = least;
const stepMs = gradientMs + optimizerMs;
await engine.close();
await bare.close();

let wasm: Record<string, number> = {};
if (withWasm) {
  await tf.setBackend('wasm');
  const eager = await tfjsEngine(model, weights, { noisy: false, adam, averaging: null });
  await eager.adapt(batch);
  const times: number[] = [];
  for (let step = 1; step <= 2; step++) {
    times.push(
      await milliseconds(async () => {
        await eager.gradients(batch);
        await eager.update({ step, learningRate: 1e-5 });
      }),
    );
  }
  await eager.close();
  wasm = { wasmStepMs: times[1]!, wasmOverRecorded: times[1]! / stepMs };
}

print({
  bench: 'glow-step',
  ...{ dim, blocks, batch: rows, threads, runtime: engine.name },
  parameters: Object.values(weights.parameters).reduce((sum, { data }) => sum + data.length, 0),
  recordingMs,
  stepMs,
  gradientMs,
  optimizerMs,
  optimizerShare: optimizerMs / stepMs,
  bareMatMulMs: bareMs,
  bareGflopPerSecond: bare.flop / bareMs / 1e6,
  stepOverBareMatMul: stepMs / bareMs,
  goalStepOverBareMatMul: 1 / 0.75,
  ...wasm,
});
