import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeModel, graphOf } from '@ood/onnx';
import { convertTfjsModel, hashModel, nodeRuntime, readModel, readTfjsModel } from '@ood/onnx/node';
import { recordModel, silenceBackendBanner } from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graphModel, layersModel, saveGraph, saveLayers } from './saved-models.ts';

silenceBackendBanner();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-tfjs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const input = (shape: number[]) => tf.randomUniform(shape, -1, 1, 'float32', 3);

async function expectSame(bytes: Uint8Array, x: tf.Tensor, expected: tf.Tensor): Promise<void> {
  const session = await nodeRuntime.createSession(bytes, { threads: 1 });
  const feeds = { [session.inputs[0]!.name]: { type: 'float32', dims: x.shape, data: x.dataSync() } };
  const made = Object.values(await session.run(feeds as never))[0]!;
  expect(made.dims).toEqual(expected.shape);
  const wanted = expected.dataSync();
  for (const [i, value] of (made.data as Float32Array).entries()) expect(value).toBeCloseTo(wanted[i]!, 5);
  await session.close();
}

describe('a model of TensorFlow.js becomes an ONNX model that computes the same', () => {
  it.each([1, 3, 40])('a layers model, in memory and saved, at a batch of %i', async batch => {
    const model = layersModel();
    const x = input([batch, 8, 8, 3]);
    const expected = model.apply(x) as tf.Tensor;
    const recording = recordModel(model);
    expect(recording.inputs).toMatchObject([{ dims: ['batch', 8, 8, 3] }]);
    expect(recording.outputs).toMatchObject([{ name: 'probs', dims: ['batch', 4] }]);
    // The last layer, bias included, is one product: a head that can be proved.
    expect(recording.operators).toMatchObject({ Gemm: 2, BatchNormalization: 1 });
    await expectSame(recording.bytes, x, expected);
    const path = await saveLayers(join(folder, `layers-${batch}`), model);
    await expectSame(encodeModel(await readModel(path)), x, expected);
    model.dispose();
  });

  it.each([1, 3, 40])('a graph model, in memory and saved, at a batch of %i', async batch => {
    const path = await saveGraph(join(folder, `graph-${batch}`));
    const x = input([batch, 6, 6, 2]);
    const bytes = encodeModel((await readTfjsModel(path))!);
    const { json, weights } = graphModel();
    const model = await tf.loadGraphModel(
      tf.io.fromMemory({
        ...(json as { modelTopology: object }),
        weightSpecs: weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
        weightData: Uint8Array.from(Buffer.concat(weights.map(({ bytes }) => bytes))).buffer,
      }),
    );
    const expected = model.execute({ image: x }) as tf.Tensor;
    await expectSame(bytes, x, expected);
    await expectSame(recordModel(model).bytes, x, expected);
    model.dispose();
  });

  it('leaves nothing behind in TensorFlow.js', async () => {
    const path = await saveLayers(join(folder, 'tidy'), layersModel());
    await readModel(path);
    const before = tf.memory().numTensors;
    await readModel(path);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('with sizes that it leaves free given', () => {
    const model = tf.sequential();
    model.add(tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [null, null, 1], name: 'free' }));
    model.add(tf.layers.globalAveragePooling2d({}));
    expect(() => recordModel(model)).toThrow(
      expect.objectContaining({
        code: 'INVALID_SPECIFICATION',
        advice: expect.stringContaining('"free_input:1": 224'),
      }),
    );
    const { inputs } = recordModel(model, { freeDimensions: { 'free_input:1': 9, 'free_input:2': 7 } });
    expect(inputs[0]!.dims).toEqual(['batch', 9, 7, 1]);
  });
});

describe('a saved model of TensorFlow.js', () => {
  it('has a digest that every one of its files changes', async () => {
    const path = await saveGraph(join(folder, 'hashed'));
    const before = await hashModel(path);
    const shard = join(dirname(path), 'group1-shard2of2.bin');
    const bytes = await readFile(shard);
    bytes[0]! ^= 1;
    await writeFile(shard, bytes);
    const after = await hashModel(path);
    expect(after.bytes).toBe(before.bytes);
    expect(after.sha256).not.toBe(before.sha256);
  });

  it.each<[string, (json: { weightsManifest: { paths: string[] }[] }) => void, object]>([
    [
      'with a shard that is missing',
      json => {
        json.weightsManifest[0]!.paths = ['gone.bin'];
      },
      { code: 'EXTERNAL_DATA', expected: expect.stringContaining('gone.bin') },
    ],
    [
      'with weights outside its folder',
      json => {
        json.weightsManifest[0]!.paths = ['../graph-1/group1-shard1of2.bin'];
      },
      { code: 'UNSAFE_PATH' },
    ],
    [
      'with too few weights',
      json => {
        json.weightsManifest[0]!.paths.pop();
      },
      { code: 'CORRUPT_FILE' },
    ],
  ])('%s is refused', async (name, change, error) => {
    const path = await saveGraph(join(folder, name));
    const json = JSON.parse(await readFile(path, 'utf8'));
    change(json);
    await writeFile(path, JSON.stringify(json));
    await expect(readModel(path)).rejects.toMatchObject(error);
  });

  it('is converted with a measure of how far it is from the original', async () => {
    const path = await saveGraph(join(folder, 'converted'));
    const { parity } = (await convertTfjsModel(path, { rows: 3 }))!;
    expect(parity).toMatchObject({ rows: 3, outputs: [{ name: 'probs' }] });
    expect(parity.outputs[0]!.relativeDifference).toBeLessThan(1e-6);
    expect(await convertTfjsModel(fileURLToPath(import.meta.url))).toBeUndefined();
  });

  it('is told from any other JSON', async () => {
    const path = join(folder, 'other.json');
    await writeFile(path, '{"a": 1}');
    expect(await readTfjsModel(path)).toBeUndefined();
    expect(graphOf(await readModel(await saveGraph(join(folder, 'told')))).node.length).toBeGreaterThan(3);
  });
});
