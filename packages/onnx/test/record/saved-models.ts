import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';

/** A small classifier of images `[8, 8, 3]` with all kinds of layers that MobileNets have, its weights seeded. */
export function layersModel(): tf.LayersModel {
  const model = tf.sequential();
  const same = { padding: 'same', useBias: false } as const;
  const seeded = (seed: number) => tf.initializers.glorotNormal({ seed });
  model.add(
    tf.layers.conv2d({
      ...same,
      filters: 6,
      kernelSize: 3,
      strides: 2,
      inputShape: [8, 8, 3],
      kernelInitializer: seeded(1),
      name: 'conv',
    }),
  );
  model.add(tf.layers.batchNormalization({ name: 'bn' }));
  model.add(tf.layers.reLU({ maxValue: 6 }));
  model.add(
    tf.layers.depthwiseConv2d({
      ...same,
      kernelSize: 3,
      depthwiseInitializer: seeded(2),
      activation: 'relu',
    }),
  );
  model.add(
    tf.layers.separableConv2d({
      filters: 8,
      kernelSize: 3,
      padding: 'same',
      depthwiseInitializer: seeded(3),
      pointwiseInitializer: seeded(4),
    }),
  );
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  model.add(tf.layers.upSampling2d({ size: [2, 2] }));
  model.add(
    tf.layers.conv2dTranspose({ filters: 5, kernelSize: 2, strides: 2, kernelInitializer: seeded(5) }),
  );
  model.add(tf.layers.averagePooling2d({ poolSize: 2, padding: 'same' }));
  model.add(tf.layers.globalAveragePooling2d({}));
  model.add(tf.layers.dropout({ rate: 0.5 }));
  model.add(tf.layers.dense({ units: 7, activation: 'relu', kernelInitializer: seeded(6) }));
  model.add(
    tf.layers.dense({ units: 4, activation: 'softmax', kernelInitializer: seeded(7), name: 'probs' }),
  );
  // Statistics unlike those of a new layer.
  const [gamma, beta, mean, variance] = [8, 9, 10, 11].map(seed =>
    tf.randomUniform([6], 0.2, 1, 'float32', seed),
  );
  model.getLayer('bn').setWeights([gamma!, beta!, mean!, variance!]);
  return model;
}

const floats = (values: ArrayLike<number>) => new Uint8Array(Float32Array.from(values).buffer);
const ints = (values: ArrayLike<number>) => new Uint8Array(Int32Array.from(values).buffer);

interface Weight {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32';
  readonly bytes: Uint8Array;
}

const bias = (name: string, list: number[]): Weight => ({
  name,
  shape: [list.length],
  dtype: 'float32',
  bytes: floats(list),
});
const random = (name: string, shape: number[], seed: number): Weight => ({
  name,
  shape,
  dtype: 'float32',
  bytes: floats(tf.randomNormal(shape, 0, 0.5, 'float32', seed).dataSync()),
});

/** A graph as tensorflowjs_converter writes it: convolution fused with bias and ReLU, mean, reshape, product, softmax. */
export function graphModel(): { json: object; weights: Weight[] } {
  const weights: Weight[] = [
    random('filter', [3, 3, 2, 5], 1),
    bias('bias', [0.1, -0.2, 0.3, 0, 0.5]),
    { name: 'axes', shape: [2], dtype: 'int32', bytes: ints([1, 2]) },
    { name: 'flat', shape: [2], dtype: 'int32', bytes: ints([-1, 5]) },
    random('kernel', [5, 3], 2),
    bias('shift', [1, 0, -1]),
  ];
  const type = { type: 'DT_FLOAT' };
  const ofList = (list: string[]) => ({ list: { i: list } });
  const constants = weights.map(({ name, shape, dtype }) => ({
    name,
    op: 'Const',
    attr: {
      dtype: { type: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' },
      value: {
        tensor: {
          dtype: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT',
          tensorShape: { dim: shape.map(size => ({ size: String(size) })) },
        },
      },
    },
  }));
  const node = [
    {
      name: 'image',
      op: 'Placeholder',
      attr: {
        dtype: type,
        shape: { shape: { dim: [{ size: '-1' }, { size: '6' }, { size: '6' }, { size: '2' }] } },
      },
    },
    ...constants,
    {
      name: 'conv',
      op: '_FusedConv2D',
      input: ['image', 'filter', 'bias'],
      attr: {
        T: type,
        strides: ofList(['1', '2', '2', '1']),
        dilations: ofList(['1', '1', '1', '1']),
        padding: { s: btoa('SAME') },
        data_format: { s: btoa('NHWC') },
        fused_ops: { list: { s: [btoa('BiasAdd'), btoa('Relu')] } },
        num_args: { i: '1' },
        epsilon: { f: 0 },
      },
    },
    { name: 'mean', op: 'Mean', input: ['conv', 'axes'], attr: { keep_dims: { b: false }, T: type } },
    { name: 'vector', op: 'Reshape', input: ['mean', 'flat'], attr: { T: type } },
    {
      name: 'product',
      op: 'MatMul',
      input: ['vector', 'kernel'],
      attr: { T: type, transpose_a: { b: false }, transpose_b: { b: false } },
    },
    { name: 'logits', op: 'BiasAdd', input: ['product', 'shift'], attr: { T: type } },
    { name: 'probs', op: 'Softmax', input: ['logits'], attr: { T: type } },
  ];
  return { json: { format: 'graph-model', modelTopology: { node, versions: { producer: 1 } } }, weights };
}

/** Writes a graph into a folder, its weights in two shards. Returns the path of its model.json. */
export async function saveGraph(folder: string, { json, weights } = graphModel()): Promise<string> {
  const specs = weights.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
  return save(folder, json, specs, Buffer.concat(weights.map(({ bytes }) => bytes)));
}

/** Writes a layers model, as `model.save` does where there are files. Returns the path of its model.json. */
export async function saveLayers(folder: string, model: tf.LayersModel): Promise<string> {
  let path = '';
  await model.save({
    async save({ modelTopology, weightSpecs, weightData, format }) {
      const data = Buffer.from(tf.io.concatenateArrayBuffers([weightData as ArrayBuffer].flat()));
      path = await save(folder, { format, modelTopology }, weightSpecs!, data);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  return path;
}

async function save(folder: string, json: object, weights: readonly object[], data: Buffer): Promise<string> {
  await mkdir(folder, { recursive: true });
  const half = data.length >> 1;
  await writeFile(join(folder, 'group1-shard1of2.bin'), data.subarray(0, half));
  await writeFile(join(folder, 'group1-shard2of2.bin'), data.subarray(half));
  const paths = ['group1-shard1of2.bin', 'group1-shard2of2.bin'];
  const path = join(folder, 'model.json');
  await writeFile(path, JSON.stringify({ ...json, weightsManifest: [{ paths, weights }] }));
  return path;
}
