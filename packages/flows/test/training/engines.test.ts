import { createRandom, isOodError } from '@ood/core';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { nodeRuntime } from '@ood/onnx/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxEngine } from '../../src/engine/onnx-engine.ts';
import { recordProgram } from '../../src/engine/record-program.ts';
import { tfjsEngine } from '../../src/engine/tfjs-engine.ts';
import {
  actNorm,
  defineFlow,
  fde,
  glow,
  maskedAutoregressive,
  neuralSpline,
  normalize,
  realNvp,
  residual,
  standardNormal,
} from '../../src/index.ts';
import { normalArray } from '../../src/random.ts';
import { type TrainedModel, trainPreset } from '../../src/training/train-preset.ts';
import { expectClose } from '../support/close.ts';
import { useQuietCpu } from '../support/eager.ts';
import { type GoldenFlow, modelOf, readGolden, weightsOf } from '../support/normflows.ts';
import { clusters } from '../support/rows.ts';

const rows = clusters({ rows: 300, cols: 6, seed: 2 });
/**
 * 20 steps, with all that an engine has to do in them. Gradients that vanish in exact arithmetic (ActNorm's, on the batch
 * it was initialized on) are round-off, which Adam would blow up to full steps: epsilon is far above that.
 */
const options = {
  epochs: 4,
  batchSize: 50,
  learningRate: 1e-3,
  epsilon: 1e-3,
  optimizer: 'adamw',
  weightDecay: 0.01,
  clipNorm: 5,
  averaging: 0.9,
  noise: 0.1,
  validationFraction: 0.15,
  threads: 1,
} as const;

/** The native backends, wherever one is installed (tooling/tfjs-native sets one up). */
async function loadNative(): Promise<boolean> {
  for (const name of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
    const loaded = await import(/* @vite-ignore */ name).then(
      () => true,
      () => false,
    );
    if (loaded) return true;
  }
  return false;
}

const native = await loadNative();
const backends = ['cpu', 'wasm', 'tensorflow'];

beforeAll(useQuietCpu);
afterAll(useQuietCpu);

describe.each([
  ['glow', glow({ blocks: 2 })],
  ['realNvp', realNvp({ blocks: 2 })],
  ['residual', residual({ blocks: 1 })],
  ['neuralSpline', neuralSpline({ blocks: 1 })],
  ['maskedAutoregressive', maskedAutoregressive({ layers: 2 })],
  ['fde', fde({ couplings: 2 })],
])('%s after 20 steps', (_, preset) => {
  let recorded: TrainedModel;
  beforeAll(async () => {
    recorded = await trainPreset(preset, rows, { ...options, engine: 'onnx' });
    expect(recorded.history.steps).toBe(20);
  }, 60_000);

  it.for(backends)(
    'has the same losses and weights on tfjs %s as on the recorded graph',
    async (backend, { skip }) => {
      if (backend === 'tensorflow' && !native) skip('no native TensorFlow backend is installed');
      await tf.setBackend(backend);
      const eager = await trainPreset(preset, rows, { ...options, engine: 'tfjs' });
      const losses = ({ history }: TrainedModel) =>
        [...history.epochs, ...history.validations].map(({ loss }) => loss);
      expectClose(losses(eager), losses(recorded), 1e-4);
      for (const [name, { data }] of Object.entries(recorded.weights.parameters)) {
        expectClose(eager.weights.parameters[name]!.data, data, 1e-3);
      }
    },
  );
});

it.each(['onnx', 'tfjs'])('five Adam steps equal those of torch, %s', async kind => {
  await useQuietCpu();
  const golden = readGolden<GoldenFlow>('flows-glow.json');
  const { steps, lr, betas, eps, loss_before_each_step, log_prob_after } = golden.adam;
  const adam = { beta1: betas[0], beta2: betas[1], epsilon: eps };
  const [model, weights] = [modelOf(golden), weightsOf(golden)];
  const engine =
    kind === 'tfjs'
      ? await tfjsEngine(model, weights, { noisy: false, adam, averaging: null })
      : await onnxEngine(recordProgram(model, weights, false), weights.parameters, {
          runtime: nodeRuntime,
          adam,
          averaging: null,
        });
  const batch = { rows: golden.x.length, data: Float32Array.from(golden.x.flat()) };
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    losses.push(await engine.gradients(batch));
    await engine.update({ step, learningRate: lr });
  }
  expectClose(losses, loss_before_each_step, 1e-4);
  expectClose(await engine.logProb(batch, undefined, 'value'), log_prob_after, 1e-4);
  await engine.close();
});

it.each(['onnx', 'tfjs'])('noise is added to the prepared rows, %s', async kind => {
  await useQuietCpu();
  const model = defineFlow(normalize(6), actNorm(6), standardNormal(6));
  const weights = model.initialize(createRandom(1));
  const options = { adam: {}, averaging: null };
  const engine =
    kind === 'tfjs'
      ? await tfjsEngine(model, weights, { ...options, noisy: true })
      : await onnxEngine(recordProgram(model, weights, true), weights.parameters, {
          ...options,
          runtime: nodeRuntime,
        });
  const noise = normalArray(2 * 6, createRandom(2));
  const batch = { rows: 2, data: rows.data.slice(0, 12) };
  const moved = [0, 1].map(i => {
    const row = batch.data.slice(6 * i, 6 * i + 6);
    return row.map((value, j) => value / Math.hypot(...row) + noise[6 * i + j]!);
  });
  const wanted = moved.map(row => row.reduce((sum, v) => sum - 0.5 * v * v, -3 * Math.log(2 * Math.PI)));
  expectClose(await engine.logProb(batch, noise, 'value'), wanted, 1e-5);
  expectClose([await engine.gradients(batch, noise)], [-(wanted[0]! + wanted[1]!) / 2], 1e-5);
  await engine.close();
});

it('the tfjs engine releases all its tensors', async () => {
  await useQuietCpu();
  await trainPreset(glow({ blocks: 1 }), rows, { ...options, engine: 'tfjs', epochs: 1 });
  const before = tf.memory().numTensors;
  await trainPreset(glow({ blocks: 1 }), rows, { ...options, engine: 'tfjs', epochs: 1 });
  expect(tf.memory().numTensors).toBe(before);
});

it('an unknown engine is named', async () => {
  const failure = await trainPreset(glow(), rows, { engine: 'cuda' as 'onnx' }).catch(
    (error: unknown) => error,
  );
  expect(isOodError(failure) && [failure.code, failure.got]).toEqual(['INVALID_OPTION', '"cuda"']);
});
