import { constant } from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';
import type { Case } from './case.ts';
import { mapCases } from './map-cases.ts';

const rows = (...rest: number[]): ('batch' | number)[] => ['batch', ...rest];
const one = (run: Case['run'], options: Partial<Case> = {}): Case => ({
  inputs: { x: rows(5) },
  run,
  ...options,
});
const two = (run: Case['run'], options: Partial<Case> = {}): Case => ({
  inputs: { x: rows(5), y: rows(5) },
  run,
  ...options,
});
const cube = (run: Case['run'], options: Partial<Case> = {}): Case => ({
  inputs: { x: rows(3, 4) },
  run,
  ...options,
});
const none = { gradients: [] };

const unary: Record<string, Case> = {
  abs: one(({ x }) => tf.abs(x)),
  acos: one(({ x }) => tf.acos(x), { domain: 'unit' }),
  acosh: one(({ x }) => tf.acosh(tf.add(x, 1)), { domain: 'positive' }),
  asin: one(({ x }) => tf.asin(x), { domain: 'unit' }),
  asinh: one(({ x }) => tf.asinh(x)),
  atan: one(({ x }) => tf.atan(x)),
  atanh: one(({ x }) => tf.atanh(x), { domain: 'unit' }),
  ceil: one(({ x }) => tf.ceil(x)),
  clipByValue: one(({ x }) => tf.clipByValue(x, -0.5, 0.75)),
  cos: one(({ x }) => tf.cos(x)),
  cosh: one(({ x }) => tf.cosh(x)),
  elu: one(({ x }) => tf.elu(x)),
  erf: one(({ x }) => tf.erf(x)),
  exp: one(({ x }) => tf.exp(x)),
  expm1: one(({ x }) => tf.expm1(tf.mul(x, 0.1))),
  'expm1 near zero': one(({ x }) => tf.expm1(tf.mul(x, 1e-4))),
  'expm1 far from zero': one(({ x }) => tf.expm1(tf.mul(x, 10))),
  floor: one(({ x }) => tf.floor(x)),
  leakyRelu: one(({ x }) => tf.leakyRelu(x, 0.3)),
  log: one(({ x }) => tf.log(x), { domain: 'positive' }),
  log1p: one(({ x }) => tf.log1p(x), { domain: 'unit' }),
  'log1p near zero': one(({ x }) => tf.log1p(tf.mul(x, 1e-4))),
  'log1p far from zero': one(({ x }) => tf.log1p(tf.mul(x, 100)), { domain: 'positive' }),
  logSigmoid: one(({ x }) => tf.logSigmoid(x)),
  neg: one(({ x }) => tf.neg(x)),
  reciprocal: one(({ x }) => tf.reciprocal(x), { domain: 'positive' }),
  relu: one(({ x }) => tf.relu(x)),
  relu6: one(({ x }) => tf.relu6(tf.mul(x, 5))),
  round: one(({ x }) => tf.round(tf.mul(x, 4))),
  'round halves to even': one(({ x }) => tf.round(tf.add(x, 0.5)), { domain: 'index' }),
  rsqrt: one(({ x }) => tf.rsqrt(x), { domain: 'positive' }),
  selu: one(({ x }) => tf.selu(x)),
  sigmoid: one(({ x }) => tf.sigmoid(x)),
  sign: one(({ x }) => tf.sign(x)),
  sin: one(({ x }) => tf.sin(x)),
  sinh: one(({ x }) => tf.sinh(x)),
  softplus: one(({ x }) => tf.softplus(x)),
  'softplus far from zero': one(({ x }) => tf.softplus(tf.mul(x, 40))),
  sqrt: one(({ x }) => tf.sqrt(x), { domain: 'positive' }),
  square: one(({ x }) => tf.square(x)),
  step: one(({ x }) => tf.step(x)),
  'step with alpha': one(({ x }) => tf.step(x, 0.25)),
  tan: one(({ x }) => tf.tan(x), { domain: 'unit' }),
  tanh: one(({ x }) => tf.tanh(x)),
  isFinite: one(({ x }) => tf.isFinite(tf.log(x)), none),
  isInf: one(({ x }) => tf.isInf(tf.div(1, tf.floor(x))), none),
  isNaN: one(({ x }) => tf.isNaN(tf.sqrt(x)), none),
  logicalNot: one(({ x }) => tf.logicalNot(tf.greater(x, 0)), none),
  'cast to int32': one(({ x }) => tf.cast(tf.mul(x, 10), 'int32'), none),
  'cast to bool and back': one(({ x }) => tf.cast(tf.cast(tf.floor(x), 'bool'), 'float32'), none),
  identity: one(({ x }) => tf.clone(x)),
  prelu: { inputs: { x: rows(5), y: [5] }, run: ({ x, y }) => tf.prelu(x, y) },
};

const binary: Record<string, Case> = {
  add: two(({ x, y }) => tf.add(x, y)),
  'add a row': { inputs: { x: rows(5), y: [5] }, run: ({ x, y }) => tf.add(x, y) },
  'add a column': { inputs: { x: rows(5), y: rows(1) }, run: ({ x, y }) => tf.add(x, y) },
  'add outer': { inputs: { x: rows(1, 4), y: rows(3, 1) }, run: ({ x, y }) => tf.add(x, y) },
  'add a number': one(({ x }) => tf.add(x, 2)),
  addN: { inputs: { x: rows(3), y: rows(3), z: rows(3) }, run: ({ x, y, z }) => tf.addN([x, y, z]) },
  sub: two(({ x, y }) => tf.sub(x, y)),
  'sub a row': { inputs: { x: rows(5), y: [1, 5] }, run: ({ x, y }) => tf.sub(x, y) },
  'sub from a number': one(({ x }) => tf.sub(1, x)),
  mul: two(({ x, y }) => tf.mul(x, y)),
  'mul by a row': { inputs: { x: rows(5), y: [5] }, run: ({ x, y }) => tf.mul(x, y) },
  'mul of a scalar input': { inputs: { x: rows(5), y: [] }, run: ({ x, y }) => tf.mul(y, x) },
  div: two(({ x, y }) => tf.div(x, y), { domain: 'positive' }),
  'div by a row': { inputs: { x: rows(5), y: [5] }, run: ({ x, y }) => tf.div(x, y), domain: 'positive' },
  pow: two(({ x, y }) => tf.pow(x, y), { domain: 'positive' }),
  'pow of a number': one(({ x }) => tf.pow(x, 3)),
  maximum: two(({ x, y }) => tf.maximum(x, y)),
  'maximum with a number': one(({ x }) => tf.maximum(x, 0.1)),
  minimum: two(({ x, y }) => tf.minimum(x, y)),
  squaredDifference: two(({ x, y }) => tf.squaredDifference(x, y)),
  floorDiv: two(({ x, y }) => tf.floorDiv(x, y), { domain: 'positive', ...none }),
  mod: two(({ x, y }) => tf.mod(x, y), none),
  'mod of integers': one(({ x }) => tf.mod(tf.cast(x, 'int32'), tf.scalar(3, 'int32')), { domain: 'index' }),
  equal: two(({ x, y }) => tf.equal(x, y), { domain: 'index' }),
  notEqual: two(({ x, y }) => tf.notEqual(x, y), { domain: 'index' }),
  greater: two(({ x, y }) => tf.greater(x, y), none),
  greaterEqual: two(({ x, y }) => tf.greaterEqual(x, y), { domain: 'index' }),
  less: two(({ x, y }) => tf.less(x, y), none),
  lessEqual: two(({ x, y }) => tf.lessEqual(x, y), { domain: 'index' }),
  logicalAnd: two(({ x, y }) => tf.logicalAnd(tf.greater(x, 0), tf.greater(y, 0)), none),
  logicalOr: two(({ x, y }) => tf.logicalOr(tf.greater(x, 0), tf.greater(y, 0)), none),
  logicalXor: two(({ x, y }) => tf.logicalXor(tf.greater(x, 0), tf.greater(y, 0)), none),
  where: {
    inputs: { x: rows(5), y: rows(5), z: rows(5) },
    run: ({ x, y, z }) => tf.where(tf.greater(z, 0), tf.mul(x, 2), y),
    gradients: ['x', 'y'],
  },
  'where with a row': {
    inputs: { x: rows(5), y: [5], z: rows(5) },
    run: ({ x, y, z }) => tf.where(tf.greater(z, 0), tf.square(x), y),
    gradients: ['x', 'y'],
  },
  'where with a number': two(({ x, y }) => tf.where(tf.greater(y, 0), x, -2), { gradients: ['x'] }),
  'where by rows': {
    inputs: { x: rows(5), y: rows(5), z: ['batch'] },
    run: ({ x, y, z }) => tf.where(tf.expandDims(tf.greater(z, 0), 1), x, y),
    gradients: ['x', 'y'],
  },
};

const reductions: Record<string, Case> = {
  'sum of rows': cube(({ x }) => tf.sum(x, [1, 2])),
  'sum of the middle axis': cube(({ x }) => tf.sum(x, 1)),
  'sum keeping dimensions': cube(({ x }) => tf.sum(x, 2, true)),
  'sum of all': cube(({ x }) => tf.sum(x), { rowwise: false }),
  'sum over the batch': cube(({ x }) => tf.sum(x, 0), { rowwise: false }),
  'sum of columns': one(({ x }) => tf.sum(x, 0), { rowwise: false }),
  'sum of columns keeping dimensions': one(({ x }) => tf.sum(x, 0, true), { rowwise: false }),
  'sum of columns of integers': one(({ x }) => tf.sum(tf.cast(tf.mul(x, 10), 'int32'), 0), {
    rowwise: false,
    ...none,
  }),
  'sum of a broadcast': one(({ x }) => tf.sum(tf.mul(tf.sum(x, 1, true), tf.onesLike(x)), 1)),
  'sum of a fill over the batch': one(({ x }) => tf.mul(x, tf.sum(tf.ones([x.shape[0]!]))), {
    rowwise: false,
  }),
  'sum of booleans': one(({ x }) => tf.sum(tf.greater(x, 0), 1), none),
  'mean of rows': cube(({ x }) => tf.mean(x, [1, 2])),
  'mean of all': cube(({ x }) => tf.mean(x), { rowwise: false }),
  'mean over the batch': cube(({ x }) => tf.mean(x, 0), { rowwise: false }),
  moments: one(({ x }) => tf.moments(x, 0).variance, { rowwise: false }),
  'sum with divisor n + 1': {
    inputs: { x: rows(5) },
    run: ({ x }) => {
      const centred = tf.sub(x, tf.mean(x, 0));
      return tf.add(tf.div(tf.sum(tf.square(centred), 0), x.shape[0]! + 1), 1);
    },
    rowwise: false,
  },
  'number from log n': one(({ x }) => tf.mul(x, Math.log(x.shape[0]! + 1)), { rowwise: false }),
  'number from the root of n': one(({ x }) => tf.div(x, -Math.sqrt(x.shape[0]!)), { rowwise: false }),
  max: cube(({ x }) => tf.max(x, 1)),
  'max of all': cube(({ x }) => tf.max(x), { rowwise: false }),
  min: cube(({ x }) => tf.min(x, [1, 2], true)),
  prod: cube(({ x }) => tf.prod(x, 2)),
  all: cube(({ x }) => tf.all(tf.greater(x, -1), 1), none),
  any: cube(({ x }) => tf.any(tf.greater(x, 1), [1, 2]), none),
  argMax: cube(({ x }) => tf.argMax(x, 1), none),
  argMin: cube(({ x }) => tf.argMin(x, 2), none),
  logSumExp: one(({ x }) => tf.logSumExp(x, 1)),
  'logSumExp over the batch': one(({ x }) => tf.logSumExp(x, 0), { rowwise: false }),
  softmax: one(({ x }) => tf.softmax(x)),
  logSoftmax: one(({ x }) => tf.logSoftmax(x)),
  cumsum: one(({ x }) => tf.cumsum(x, 1)),
  'cumsum reversed and exclusive': one(({ x }) => tf.cumsum(x, 1, true, true)),
  'cumsum over the batch': one(({ x }) => tf.cumsum(x, 0), { rowwise: false, gradients: [] }),
  cumprod: one(({ x }) => tf.cumprod(x, 1), none),
  'cumprod reversed and exclusive': one(({ x }) => tf.cumprod(x, 1, true, true), none),
  norm: one(({ x }) => tf.norm(x, 2, 1), { domain: 'positive' }),
};

const products: Record<string, Case> = {
  matMul: { inputs: { x: rows(5), y: [5, 3] }, run: ({ x, y }) => tf.matMul(x, y) },
  'matMul with b transposed': {
    inputs: { x: rows(5), y: [3, 5] },
    run: ({ x, y }) => tf.matMul(x, y, false, true),
  },
  'matMul with a transposed': {
    inputs: { x: rows(5), y: rows(3) },
    run: ({ x, y }) => tf.matMul(x, y, true, false),
    rowwise: false,
  },
  'matMul with both transposed': {
    inputs: { x: [4, 5], y: rows(4) },
    run: ({ x, y }) => tf.transpose(tf.matMul(x, y, true, true)),
  },
  'matMul of a transpose': {
    inputs: { x: rows(5), y: [3, 5] },
    run: ({ x, y }) => tf.matMul(x, tf.transpose(y)),
  },
  'matMul with bias': {
    inputs: { x: rows(5), y: [5, 3], z: [3] },
    run: ({ x, y, z }) => tf.add(tf.matMul(x, y), z),
  },
  'sum of two matMuls': {
    inputs: { x: rows(5), y: [5, 3], z: [5, 3] },
    run: ({ x, y, z }) => tf.add(tf.matMul(x, y), tf.matMul(tf.square(x), z)),
  },
  'matMul of rank 3': { inputs: { x: rows(2, 5), y: rows(5, 3) }, run: ({ x, y }) => tf.matMul(x, y) },
  'matMul of rank 3 with transposes': {
    inputs: { x: rows(5, 2), y: rows(3, 5) },
    run: ({ x, y }) => tf.matMul(x, y, true, true),
  },
  'matMul of rank 3 with a matrix': {
    inputs: { x: rows(2, 5), y: [5, 3] },
    run: ({ x, y }) => tf.matMul(x, y),
    gradients: ['x'],
  },
  'fused matMul': {
    inputs: { x: rows(5), y: [5, 3], z: [3] },
    run: ({ x, y, z }) =>
      tf.fused.matMul({ a: x as tf.Tensor2D, b: y as tf.Tensor2D, bias: z, activation: 'relu' }),
  },
  einsum: {
    inputs: { x: rows(2, 5), y: [5, 3] },
    run: ({ x, y }) => tf.einsum('bij, jk -> bki', x, y),
    gradients: [],
  },
  dot: { inputs: { x: rows(5), y: [5] }, run: ({ x, y }) => tf.dot(x, y) },
  outerProduct: {
    inputs: { x: ['batch'], y: [4] },
    run: ({ x, y }) => tf.outerProduct(x as tf.Tensor1D, y as tf.Tensor1D),
  },
  dense: {
    inputs: { x: rows(2, 5), y: [5, 3], z: [3] },
    run: ({ x, y, z }) => tf.reshape(tf.relu(tf.add(tf.matMul(tf.reshape(x, [-1, 5]), y), z)), [-1, 2, 3]),
  },
};

const layouts: Record<string, Case> = {
  reshape: cube(({ x }) => tf.reshape(x, [-1, 12])),
  'reshape with the batch written out': cube(({ x }) => tf.reshape(x, [x.shape[0]!, 2, 6])),
  'reshape merging the batch': cube(({ x }) => tf.reshape(x, [x.shape[0]! * 3, 4]), { rowwise: false }),
  expandDims: one(({ x }) => tf.expandDims(x, 1)),
  squeeze: { inputs: { x: rows(1, 5) }, run: ({ x }) => tf.squeeze(x, [1]) },
  'expandDims of a broadcast': one(({ x }) => tf.mul(tf.expandDims(tf.onesLike(x), 2), tf.expandDims(x, 1))),
  transpose: cube(({ x }) => tf.transpose(x, [0, 2, 1])),
  'transpose of the batch': cube(({ x }) => tf.transpose(x), { rowwise: false }),
  tile: one(({ x }) => tf.tile(x, [1, 3])),
  'tile over the batch': one(({ x }) => tf.tile(x, [2, 1]), { rowwise: false }),
  broadcastTo: {
    inputs: { x: rows(5), y: [5] },
    run: ({ x, y }) => tf.broadcastTo(y, [x.shape[0]!, 5]),
    gradients: ['y'],
  },
  'broadcastTo a column': {
    inputs: { x: rows(1) },
    run: ({ x }) => tf.concat([x, tf.broadcastTo(x, [x.shape[0]!, 3])], 1),
  },
  reverse: cube(({ x }) => tf.reverse(x, [1, 2])),
  'reverse of the batch': one(({ x }) => tf.reverse(x, 0), { rowwise: false }),
  pad: one(({ x }) =>
    tf.pad(
      x as tf.Tensor2D,
      [
        [0, 0],
        [2, 1],
      ],
      0.5,
    ),
  ),
  'pad of the batch': one(
    ({ x }) =>
      tf.pad(x as tf.Tensor2D, [
        [1, 2],
        [0, 0],
      ]),
    { rowwise: false },
  ),
  slice: one(({ x }) => tf.slice(x, [0, 1], [-1, 3])),
  'slice of the batch': one(({ x }) => tf.slice(x, [0, 0], [1, 5]), { rowwise: false }),
  'slice without the last row': one(({ x }) => tf.slice(x, [0, 0], [x.shape[0]! - 1, 5]), { rowwise: false }),
  'two halves by slice': {
    inputs: { x: rows(6) },
    run: ({ x }) =>
      tf.concat([tf.exp(tf.slice(x, [0, 0], [-1, 3])), tf.sin(tf.slice(x, [0, 3], [-1, 3]))], 1),
  },
  'overlapping slices': {
    inputs: { x: rows(6) },
    run: ({ x }) => tf.add(tf.slice(x, [0, 0], [-1, 4]), tf.square(tf.slice(x, [0, 2], [-1, 4]))),
  },
  'halves used twice': {
    inputs: { x: rows(6) },
    run: ({ x }) => {
      const [a, b] = [tf.slice(x, [0, 0], [-1, 3]), tf.slice(x, [0, 3], [-1, 3])];
      const again = tf.slice(x, [0, 0], [-1, 3]);
      return tf.concat([tf.mul(a, b), tf.exp(again), x], 1);
    },
  },
  stridedSlice: {
    inputs: { x: rows(6) },
    run: ({ x }) => tf.stridedSlice(x, [0, 1], [x.shape[0]!, 6], [1, 2]),
    gradients: [],
  },
  concat: two(({ x, y }) => tf.concat([x, y, x], 1)),
  'concat over the batch': two(({ x, y }) => tf.concat([x, y], 0), { rowwise: false }),
  'concat with zeros': one(({ x }) => tf.concat([x, tf.zerosLike(x)], 1)),
  split: {
    inputs: { x: rows(6) },
    run: ({ x }) => {
      const [a, b] = tf.split(x, 2, 1) as [tf.Tensor, tf.Tensor];
      return tf.mul(a, tf.exp(b));
    },
  },
  'uneven split': {
    inputs: { x: rows(6) },
    run: ({ x }) => {
      const [a, b, c] = tf.split(x, [1, 2, 3], 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
      return tf.add(tf.mul(a, c), tf.sum(b, 1, true));
    },
  },
  stack: two(({ x, y }) => tf.stack([x, y], 1)),
  unstack: cube(({ x }) => {
    const [a, b, c] = tf.unstack(x, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    return tf.add(tf.mul(a, b), c);
  }),
  'gather of columns': one(({ x }) =>
    tf.gather(x, constant([4, 0, 2], { dtype: 'int32' }) as tf.Tensor1D, 1),
  ),
  'gather with repeats': one(({ x }) =>
    tf.gather(x, constant([1, 1, 3, 1], { dtype: 'int32' }) as tf.Tensor1D, 1),
  ),
  'gather by a permutation': one(({ x }) =>
    tf.gather(x, constant([3, 0, 4, 1, 2], { dtype: 'int32' }) as tf.Tensor1D, 1),
  ),
  'gather by input': {
    inputs: { x: ['batch'] },
    run: ({ x }) => tf.gather(tf.reshape(tf.range(0, 20), [5, 4]), tf.cast(x as tf.Tensor1D, 'int32')),
    domain: 'index',
  },
  'gradient of an embedding': {
    inputs: { x: ['batch'] },
    run: ({ x }) => {
      const lookUp = (table: tf.Tensor) => tf.square(tf.gather(table, tf.cast(x as tf.Tensor1D, 'int32')));
      return tf.grad(table => tf.sum(lookUp(table)))(tf.reshape(tf.range(0, 20), [5, 4]));
    },
    domain: 'index',
    rowwise: false,
  },
  oneHot: {
    inputs: { x: ['batch'] },
    run: ({ x }) => tf.oneHot(tf.cast(x as tf.Tensor1D, 'int32'), 5),
    domain: 'index',
  },
  'oneHot with its own values': {
    inputs: { x: ['batch'] },
    run: ({ x }) => tf.oneHot(tf.cast(x as tf.Tensor1D, 'int32'), 3, 0.9, 0.1, 'float32'),
    domain: 'index',
  },
  topk: one(({ x }) => tf.topk(x, 2).values, none),
  'indices of topk': one(({ x }) => tf.topk(x, 2).indices, none),
  linspace: one(({ x }) => tf.mul(x, tf.linspace(0, 1, 5))),
  range: one(({ x }) => tf.mul(x, tf.range(1, 6))),
  'range of the batch': { inputs: { x: ['batch'] }, run: ({ x }) => tf.mul(x, tf.range(0, x.shape[0]!)) },
  fill: one(({ x }) => tf.mul(x, tf.fill([x.shape[0]!, 5], 3))),
  'a fill alone': one(({ x }) => tf.fill([x.shape[0]!, 2], 3), none),
  onesLike: one(({ x }) => tf.add(x, tf.onesLike(x))),
  'patches times a matrix': {
    inputs: { x: rows(4, 4, 1), y: [4, 2] },
    run: ({ x, y }) => {
      const patches = tf.transpose(tf.reshape(x, [-1, 2, 2, 2, 2]), [0, 1, 3, 2, 4]);
      return tf.mean(tf.reshape(tf.relu(tf.matMul(tf.reshape(patches, [-1, 4]), y)), [-1, 4, 2]), 1);
    },
  },
};

export const cases: Readonly<Record<string, Case>> = {
  ...unary,
  ...binary,
  ...reductions,
  ...products,
  ...layouts,
  ...mapCases,
};
