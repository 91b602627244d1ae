import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBackbone, readConfiguredClasses } from '@ood/features';
import { silenceBackendBanner } from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';

silenceBackendBanner();

/** Images `[8, 8, 3]` to six features and four classes; the layer of the features by name. */
function classifier(): tf.LayersModel {
  const model = tf.sequential({ name: 'small' });
  const seed = 1;
  const kernelInitializer = tf.initializers.glorotNormal({ seed });
  model.add(
    tf.layers.conv2d({
      filters: 6,
      kernelSize: 3,
      activation: 'relu',
      inputShape: [8, 8, 3],
      kernelInitializer,
    }),
  );
  model.add(tf.layers.globalAveragePooling2d({ name: 'features' }));
  model.add(tf.layers.dropout({ rate: 0.5 }));
  model.add(tf.layers.dense({ units: 4, activation: 'softmax', kernelInitializer }));
  return model;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-tfjs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Saves a model as TensorFlow.js does where there are files. */
async function save(model: tf.LayersModel): Promise<string> {
  const path = join(folder, 'model.json');
  await model.save({
    async save({ modelTopology, weightSpecs, weightData, format }) {
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      await writeFile(join(folder, 'weights.bin'), new Uint8Array([weightData as ArrayBuffer].flat()[0]!));
      await writeFile(path, JSON.stringify({ format, modelTopology, weightsManifest }));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  return path;
}

it('takes models of TensorFlow.js, in memory and saved: features and logits are what its layers give', async () => {
  const model = classifier();
  const x = tf.randomUniform([3, 8, 8, 3], 0, 1, 'float32', 5);
  const layer = tf.model({
    inputs: model.inputs,
    outputs: model.getLayer('features').output as tf.SymbolicTensor,
  });
  const features = (layer.apply(x) as tf.Tensor).dataSync();
  const probabilities = (model.apply(x) as tf.Tensor).dataSync();
  const batch = { type: 'float32' as const, dims: x.shape, data: x.dataSync() as Float32Array };
  for (const source of [model, await save(model)]) {
    const backbone = await openBackbone(source, { trusted: true });
    expect(backbone.inputShape).toEqual(['batch', 8, 8, 3]);
    expect(backbone.describe()).toMatchObject({
      head: { kind: 'Gemm', classes: 4, proof: { proved: true } },
      model: { source: typeof source === 'string' ? source : 'model "small"' },
    });
    const made = await backbone.run(batch);
    expect(made.features).toMatchObject({ rows: 3, cols: 6 });
    for (const [i, value] of made.features.data.entries()) expect(value).toBeCloseTo(features[i]!, 5);
    const softmax = tf.softmax(tf.tensor2d(made.logits!.data, [3, 4])).dataSync();
    for (const [i, value] of softmax.entries()) expect(value).toBeCloseTo(probabilities[i]!, 5);
    await backbone.close();
  }
  model.dispose();
});

it('knows the classes that Teachable Machine names beside its model', async () => {
  const path = join(folder, 'model.json');
  expect(await readConfiguredClasses(path)).toBeUndefined();
  await writeFile(
    join(folder, 'metadata.json'),
    '{"modelName": "tm", "labels": ["cat", "dog", "fox", "owl"]}',
  );
  expect(await readConfiguredClasses(path)).toEqual(['cat', 'dog', 'fox', 'owl']);
  await writeFile(join(folder, 'metadata.json'), '{"labels": "none"}');
  expect(await readConfiguredClasses(path)).toBeUndefined();
});
