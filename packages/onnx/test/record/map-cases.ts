import * as tf from '@tensorflow/tfjs';
import type { Case } from './case.ts';

type Map = tf.Tensor4D;
type Run = (x: Map, y: Map, z: tf.Tensor1D) => tf.Tensor;

const rows = (...rest: number[]): ('batch' | number)[] => ['batch', ...rest];
/** A map of 5 × 4 and three channels, alone or with a filter. */
const map = (run: Run, options: Partial<Case> = {}): Case => ({
  inputs: { x: rows(5, 4, 3) },
  run: ({ x }) => run(x as Map, x as Map, x as never),
  ...options,
});
const filtered = (filter: readonly number[], run: Run, options: Partial<Case> = {}): Case => ({
  inputs: { x: rows(5, 4, 3), y: filter, z: [filter[3]!] },
  run: ({ x, y, z }) => run(x as Map, y as Map, z as tf.Tensor1D),
  gradients: ['x', 'y'],
  ...options,
});
const none = { gradients: [] };
/** Distinct numbers: which of equal ones a window takes for its largest is not said. */
const tied = { domain: 'normal' } as const;
const activations = ['linear', 'relu', 'relu6', 'sigmoid', 'elu', 'leakyrelu'] as const;

const convolutions: Record<string, Case> = {
  conv2d: filtered([3, 2, 3, 2], (x, y) => tf.conv2d(x, y, 1, 'valid')),
  'conv2d with padding': filtered([3, 3, 3, 2], (x, y) => tf.conv2d(x, y, 1, 'same')),
  'conv2d with strides': filtered([3, 3, 3, 2], (x, y) => tf.conv2d(x, y, 2, 'same')),
  'conv2d with strides that leave a rest': filtered([2, 2, 3, 2], (x, y) => tf.conv2d(x, y, [2, 3], 'valid')),
  'conv2d with a stride beyond the kernel': filtered([1, 1, 3, 2], (x, y) => tf.conv2d(x, y, 3, 'valid')),
  'conv2d with explicit padding': filtered([3, 2, 3, 2], (x, y) =>
    tf.conv2d(x, y, 1, [
      [0, 0],
      [2, 0],
      [1, 1],
      [0, 0],
    ]),
  ),
  'conv2d with dilation': filtered([2, 2, 3, 2], (x, y) => tf.conv2d(x, y, 1, 'same', 'NHWC', 2), none),
  'conv2d of one place': filtered([1, 1, 3, 4], (x, y) => tf.conv2d(x, y, 1, 'valid')),
  'conv2d then conv2d': {
    inputs: { x: rows(5, 4, 3), y: [2, 2, 3, 3] },
    run: ({ x, y }) => tf.conv2d(tf.relu(tf.conv2d(x as Map, y as Map, 1, 'same')), y as Map, 1, 'same'),
  },
  'conv2d over two maps': {
    inputs: { x: [2, 4, 4, 3], y: [2, 2, 3, 2], z: rows(2) },
    run: ({ x, y, z }) => tf.mul(z, tf.mean(tf.conv2d(x as Map, y as Map, 1, 'same'), [0, 1, 2])),
  },
  conv1d: {
    inputs: { x: rows(6, 3), y: [3, 3, 2] },
    run: ({ x, y }) => tf.conv1d(x as tf.Tensor3D, y as tf.Tensor3D, 1, 'same'),
  },
  'transposed conv2d': filtered([3, 3, 2, 3], (x, y) =>
    tf.conv2dTranspose(x, y, [x.shape[0], 10, 8, 2], 2, 'same'),
  ),
  'transposed conv2d without padding': filtered([2, 3, 2, 3], (x, y) =>
    tf.conv2dTranspose(x, y, [x.shape[0], 6, 6, 2], 1, 'valid'),
  ),
  depthwiseConv2d: filtered([2, 3, 3, 2], (x, y) => tf.depthwiseConv2d(x, y, 1, 'valid')),
  'depthwiseConv2d with padding and strides': filtered([3, 3, 3, 1], (x, y) =>
    tf.depthwiseConv2d(x, y, 2, 'same'),
  ),
  'depthwiseConv2d with dilation': filtered(
    [2, 2, 3, 2],
    (x, y) => tf.depthwiseConv2d(x, y, 1, 'same', 'NHWC', 2),
    none,
  ),
  separableConv2d: {
    inputs: { x: rows(5, 4, 3), y: [3, 3, 3, 1], z: [1, 1, 3, 4] },
    run: ({ x, y, z }) => tf.separableConv2d(x as Map, y as Map, z as Map, 1, 'same'),
  },
  ...Object.fromEntries(
    activations.map(activation => [
      `fused conv2d with ${activation}`,
      filtered(
        [3, 3, 3, 2],
        (x, filter, bias) =>
          tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation, leakyreluAlpha: 0.1 }),
        { gradients: activation === 'leakyrelu' || activation === 'sigmoid' ? [] : ['x', 'y', 'z'] },
      ),
    ]),
  ),
  'fused conv2d with prelu': filtered(
    [3, 3, 3, 2],
    (x, filter, preluActivationWeights) =>
      tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', activation: 'prelu', preluActivationWeights }),
    none,
  ),
  'fused depthwiseConv2d': filtered([3, 3, 3, 1], (x, filter) =>
    tf.fused.depthwiseConv2d({ x, filter, strides: 1, pad: 'same', activation: 'relu6' }),
  ),
};

const pools: Record<string, Case> = {
  maxPool: map(x => tf.maxPool(x, 2, 2, 'valid'), tied),
  'maxPool with padding and overlaps': map(x => tf.maxPool(x, 3, 2, 'same'), tied),
  'maxPool with explicit padding': map(x => tf.maxPool(x, [2, 3], 1, 1), tied),
  'maxPool of equal numbers': map(x => tf.maxPool(tf.relu(x), 3, 1, 'same'), { ...tied, ...none }),
  avgPool: map(x => tf.avgPool(x, 2, 2, 'valid')),
  'avgPool with padding and overlaps': map(x => tf.avgPool(x, 3, 2, 'same')),
  'avgPool with sizes rounded up': map(x => tf.avgPool(x, [2, 3], 2, 0, 'ceil'), none),
  'maxPool with sizes rounded up': map(x => tf.maxPool(x, 2, [3, 2], 0, 'ceil'), none),
  'avgPool of all': map(x => tf.avgPool(x, [5, 4], 1, 'valid')),
};

const others: Record<string, Case> = {
  batchNorm: {
    inputs: { x: rows(5, 4, 3), y: [3], z: [3] },
    run: ({ x, y, z }) =>
      tf.batchNorm(x as Map, y as tf.Tensor1D, tf.square(z as tf.Tensor1D), tf.neg(y), tf.add(z, 1), 1e-2),
  },
  'batchNorm without scale': {
    inputs: { x: rows(5, 4, 3), y: [3], z: [3] },
    run: ({ x, y, z }) =>
      tf.batchNorm(x as Map, y as tf.Tensor1D, tf.square(z as tf.Tensor1D), undefined, undefined, 1),
    // tfjs has none without a scale.
    ...none,
  },
  'batchNorm by one number': {
    inputs: { x: rows(5, 4, 3), z: [3] },
    run: ({ x, z }) => tf.batchNorm(x as Map, z as tf.Tensor1D, tf.ones([3]), tf.zeros([3]), tf.ones([3])),
    gradients: ['x'],
  },
  'batchNorm of vectors': {
    inputs: { x: rows(3), y: [3], z: [3] },
    run: ({ x, y, z }) =>
      tf.batchNorm(
        x as tf.Tensor2D,
        y as tf.Tensor1D,
        tf.square(z as tf.Tensor1D),
        y as tf.Tensor1D,
        z as tf.Tensor1D,
        1,
      ),
  },
  'resizeBilinear larger': map(x => tf.image.resizeBilinear(x, [9, 7]), none),
  'resizeBilinear smaller': map(x => tf.image.resizeBilinear(x, [3, 2]), none),
  'resizeBilinear by corners': map(x => tf.image.resizeBilinear(x, [9, 7], true), none),
  'resizeBilinear by centers': map(x => tf.image.resizeBilinear(x, [9, 7], false, true), none),
  'resizeNearestNeighbor larger': map(x => tf.image.resizeNearestNeighbor(x, [9, 7]), none),
  'resizeNearestNeighbor smaller': map(x => tf.image.resizeNearestNeighbor(x, [3, 2]), none),
  'resizeNearestNeighbor by corners': map(x => tf.image.resizeNearestNeighbor(x, [9, 7], true), none),
  'resizeNearestNeighbor by centers': map(x => tf.image.resizeNearestNeighbor(x, [9, 7], false, true), none),
};

/** Functions of maps `[batch, height, width, channels]`. */
export const mapCases: Readonly<Record<string, Case>> = Object.fromEntries(
  Object.entries({ ...convolutions, ...pools, ...others }).map(([name, test]) => [
    name,
    // tfjs takes its time for convolutions.
    { ...test, largest: 20 },
  ]),
);
