import { openGlyphs } from '@ood/datasets';
import { nodeRuntime } from '@ood/onnx/node';
import { record, valueAndGradients } from '@ood/onnx/record';
import { randomFor } from '../glyphs/src/random.ts';
import { adam } from './adam.ts';
import { batches } from './batches.ts';
import { judge, logitsOf } from './evaluate.ts';
import { exportModel } from './export-model.ts';
import { classCount, featureDim, initialParameters, loss, parameterShapes } from './network.ts';
import { ship } from './ship.ts';
import { verifyExport } from './verify-export.ts';

const settings = {
  seed: 1,
  threads: 1,
  epochs: 25,
  batchSize: 128,
  learningRate: 2e-3,
  weightDecay: 0.01,
  dropout: 0.3,
  labelSmoothing: 0.05,
  warp: { shift: 2, rotation: 5, shear: 0.25, stretch: 0.15 },
};
const { seed, threads, epochs, batchSize, learningRate, dropout, labelSmoothing, warp } = settings;

const { train, validation, test } = await openGlyphs();
const parameters = initialParameters(randomFor(seed, 'parameters'));
const names = Object.keys(parameterShapes);
const image = ['batch', 28, 28, 1] as const;
const step = record(valueAndGradients(loss, names), {
  inputs: { ...parameterShapes, image, targets: ['batch', classCount], keep: ['batch', featureDim] },
  name: 'glyphs-step',
});
const session = await nodeRuntime.createSession(step.bytes, { threads });
const update = adam(parameters, name => parameterShapes[name]!.length > 1, settings);
const fed = (name: string, data: Float32Array) => ({
  type: 'float32' as const,
  dims: parameterShapes[name]!,
  data,
});

let best = { crossEntropy: Number.POSITIVE_INFINITY, epoch: 0, model: new Uint8Array() as Uint8Array };
const random = randomFor(seed, 'batches');
const stepsPerEpoch = Math.floor(train.count / batchSize);
for (let epoch = 1, done = 0; epoch <= epochs; epoch++) {
  let sum = 0;
  for (const batch of batches(train, random, { size: batchSize, dropout, labelSmoothing, warp })) {
    const rate = 0.5 * learningRate * (1 + Math.cos((Math.PI * done++) / (epochs * stepsPerEpoch)));
    const results = await session.run({
      ...Object.fromEntries(names.map(name => [name, fed(name, parameters[name]!)])),
      image: { type: 'float32', dims: [batchSize, 28, 28, 1], data: batch.image },
      targets: { type: 'float32', dims: [batchSize, classCount], data: batch.targets },
      keep: { type: 'float32', dims: [batchSize, featureDim], data: batch.keep },
    });
    sum += (results.loss!.data as Float32Array)[0]!;
    update(name => results[`grad.${name}`]!.data as Float32Array, rate);
  }
  const model = exportModel(parameters, { 'ood.data': 'glyphs', 'ood.seed': String(seed) });
  const exported = await nodeRuntime.createSession(model, { threads });
  const { accuracy, crossEntropy } = judge(await logitsOf(exported, validation), validation);
  await exported.close();
  const loss = (sum / stepsPerEpoch).toFixed(4);
  process.stdout.write(`epoch ${epoch}: loss ${loss}, validation ${crossEntropy.toFixed(4)} (${accuracy})\n`);
  if (crossEntropy < best.crossEntropy) best = { crossEntropy, epoch, model };
}
await session.close();

const difference = await verifyExport(parameters, test);
process.stdout.write(`exported and recorded logits differ by at most ${difference.toExponential(1)}\n`);

const shipped = await nodeRuntime.createSession(best.model, { threads });
const accuracy = {
  train: judge(await logitsOf(shipped, train), train).accuracy,
  validation: judge(await logitsOf(shipped, validation), validation).accuracy,
  test: judge(await logitsOf(shipped, test), test).accuracy,
};
await shipped.close();
const engine = `${nodeRuntime.name} ${nodeRuntime.version}`;
const training = { command: 'npx -y pnpm@10 glyphs:train', engine, ...settings, keptEpoch: best.epoch };
ship(best.model, { training, accuracy });
process.stdout.write(`${JSON.stringify({ keptEpoch: best.epoch, accuracy })}\n`);
