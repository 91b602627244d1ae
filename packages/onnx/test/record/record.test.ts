import { nodeRuntime } from '@ood/onnx/node';
import { constant, record, silenceBackendBanner, valueAndGradients } from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

silenceBackendBanner();

const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);
const plain = (tensor: tf.Tensor) => ({
  type: 'float32' as const,
  dims: tensor.shape,
  data: tensor.dataSync() as Float32Array,
});

const loss = ({ x, w, b }: Record<string, tf.Tensor>) => {
  const weighted = tf.mul(tf.relu(tf.add(tf.matMul(x!, w!), b!)), constant([1, 2, 3]));
  return tf.mean(tf.sum(tf.square(weighted), 1));
};

describe('record', () => {
  it.each([1, 7, 250])('gives the loss and gradients of tfjs at batch size %i', async batch => {
    const step = valueAndGradients(loss, ['w', 'b']);
    const recording = record(step, { inputs: { x: ['batch', 4], w: [4, 3], b: [3] } });
    const session = await nodeRuntime.createSession(recording.bytes);
    const tensors = { x: normal([batch, 4], 1), w: normal([4, 3], 2), b: normal([3], 3) };
    const feeds = { x: plain(tensors.x), w: plain(tensors.w), b: plain(tensors.b) };
    const results = await session.run(feeds);
    for (const [name, tensor] of Object.entries(step(tensors))) {
      expect(results[name]!.dims).toEqual(tensor.shape);
      const expected = tensor.dataSync();
      for (const [i, value] of (results[name]!.data as Float32Array).entries()) {
        expect(value).toBeCloseTo(expected[i]!, 4);
      }
    }
    await session.close();
  });
});
