import type { LayerPooling } from '@ood/features';
import type { NodeProto, Tensor, TensorInfo } from '@ood/onnx';
import { image, modelOf, node, random } from './models.ts';

/** A model, what its stage ends are, and how each is pooled. */
export interface StagedModel {
  readonly bytes: Uint8Array;
  readonly input: readonly number[];
  readonly stages: readonly (readonly [tensor: string, pooling: LayerPooling])[];
}

/** Collects nodes with random weights of given shapes. */
function builder() {
  const nodes: NodeProto[] = [];
  const initializers: Record<string, Tensor> = {};
  const weight = (name: string, ...dims: number[]) => {
    const tensor = random(dims, name.length + dims.reduce((sum, dim) => 31 * sum + dim, 7));
    initializers[name] = { ...tensor, data: tensor.data.map(value => 0.7 * value) };
    return name;
  };
  const integers = (name: string, ...values: number[]) => {
    initializers[name] = { type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) };
    return name;
  };
  const add = (opType: string, inputs: string[], output: string, attributes = {}) => {
    nodes.push(node(opType, inputs, [output], attributes));
    return output;
  };
  /** A 3×3 convolution (1×1 by `side`) with ReLU. */
  const conv = (
    x: string,
    output: string,
    [from, to]: readonly [number, number],
    { stride = 1, side = 3, group = 1, relu = true } = {},
  ) => {
    const pad = BigInt((side - 1) / 2);
    const made = add(
      'Conv',
      [x, weight(`${output}.w`, to, from / group, side, side)],
      relu ? `${output}.c` : output,
      {
        kernel_shape: [BigInt(side), BigInt(side)],
        pads: [pad, pad, pad, pad],
        strides: [BigInt(stride), BigInt(stride)],
        group: BigInt(group),
      },
    );
    return relu ? add('Relu', [made], output) : made;
  };
  const head = (features: string, d: number) =>
    add('Gemm', [features, weight('head.W', 3, d), weight('head.b', 3)], 'y', { transB: 1n });
  const pooledHead = (map: string, d: number) =>
    head(add('Flatten', [add('GlobalAveragePool', [map], 'gap')], 'f'), d);
  const model = (inputs: readonly TensorInfo[]) =>
    modelOf({ nodes, initializers, inputs, outputs: [{ name: 'y', type: 'float32', dims: ['batch', 3] }] });
  return { add, conv, weight, integers, head, pooledHead, model };
}

function plainCnn(): StagedModel {
  const { add, conv, pooledHead, model } = builder();
  const pool = (x: string, output: string) =>
    add('MaxPool', [x], output, { kernel_shape: [2n, 2n], strides: [2n, 2n] });
  conv('image', 'a', [3, 4]);
  conv(pool('a', 'ap'), 'b', [4, 6]);
  pooledHead(conv(pool('b', 'bp'), 'c', [6, 5]), 5);
  return {
    bytes: model([image]),
    input: [3, 8, 8],
    stages: [
      ['a', 'mean'],
      ['b', 'mean'],
    ],
  };
}

/** Pooled twice in a row before the layers of the head: the second pooling is no stage, the map before the first is one. */
function fullyConnected(): StagedModel {
  const { add, conv, weight, head, model } = builder();
  const pool = (x: string, output: string) =>
    add('AveragePool', [x], output, { kernel_shape: [2n, 2n], strides: [2n, 2n] });
  conv('image', 'a', [3, 4]);
  pool(pool(conv(pool('a', 'ap'), 'b', [4, 6]), 'bp'), 'bpp');
  add('MatMul', [add('Flatten', ['bpp'], 'flat'), weight('fc', 6, 5)], 'g');
  head(add('Relu', ['g'], 'f'), 5);
  return {
    bytes: model([image]),
    input: [3, 8, 8],
    stages: [
      ['a', 'mean'],
      ['b', 'mean'],
    ],
  };
}

/** Bottlenecks with the stride in the 3×3 convolution, and projection shortcuts: the last map before the stride is inside of a block. */
function resnet(): StagedModel {
  const { add, conv, pooledHead, model } = builder();
  const block = (x: string, output: string, [from, to]: readonly [number, number], stride: number) => {
    const inner = conv(conv(x, `${output}.1`, [from, 2], { side: 1 }), `${output}.2`, [2, 2], { stride });
    const outer = conv(inner, `${output}.3`, [2, to], { side: 1, relu: false });
    const shortcut =
      from === to && stride === 1 ? x : conv(x, `${output}.s`, [from, to], { side: 1, stride, relu: false });
    return add('Relu', [add('Add', [outer, shortcut], `${output}.sum`)], output);
  };
  conv('image', 'stem', [3, 4]);
  block('stem', 'a', [4, 4], 1);
  block('a', 'b', [4, 6], 2);
  block('b', 'c', [6, 6], 1);
  pooledHead(block('c', 'd', [6, 8], 2), 8);
  return {
    bytes: model([image]),
    input: [3, 8, 8],
    stages: [
      ['a', 'mean'],
      ['c', 'mean'],
    ],
  };
}

/** Inverted residuals, and a padding of its own before the stride, as TensorFlow has. */
function mobilenet(): StagedModel {
  const { add, conv, integers, pooledHead, model } = builder();
  conv('image', 'stem', [3, 4]);
  conv('stem', 'a.1', [4, 8], { side: 1 });
  add('Pad', ['a.1', integers('pads', 0, 0, 0, 0, 0, 0, 1, 1)], 'padded');
  conv('padded', 'a.2', [8, 8], { stride: 2, group: 8 });
  conv('a.2', 'a', [8, 6], { side: 1, relu: false });
  conv(conv(conv('a', 'b.1', [6, 12], { side: 1 }), 'b.2', [12, 12], { group: 12 }), 'b.3', [12, 6], {
    side: 1,
    relu: false,
  });
  add('Add', ['a', 'b.3'], 'b');
  pooledHead(conv('b', 'last', [6, 7], { side: 1 }), 7);
  return { bytes: model([image]), input: [3, 8, 8], stages: [['a.1', 'mean']] };
}

/** Maps `[batch, height, width, channels]` between the convolutions, as TensorFlow.js gives them. */
function channelsLast(): StagedModel {
  const { add, conv, weight, head, model } = builder();
  const step = (x: string, output: string, sizes: readonly [number, number], stride: number) => {
    const first = add('Transpose', [x], `${output}.nchw`, { perm: [0n, 3n, 1n, 2n] });
    const made = conv(first, `${output}.conv`, sizes, { stride, relu: false });
    const last = add('Transpose', [made], `${output}.nhwc`, { perm: [0n, 2n, 3n, 1n] });
    return add('Relu', [add('Add', [last, weight(`${output}.b`, sizes[1])], `${output}.sum`)], output);
  };
  step('image', 'a', [3, 4], 1);
  step('a', 'b', [4, 6], 2);
  step('b', 'c', [6, 5], 2);
  head(add('ReduceMean', ['c'], 'f', { axes: [1n, 2n], keepdims: 0n }), 5);
  const bytes = model([{ name: 'image', type: 'float32', dims: ['batch', 8, 8, 3] }]);
  return {
    bytes,
    input: [8, 8, 3],
    stages: [
      ['a', 'mean-channels-last'],
      ['b', 'mean-channels-last'],
    ],
  };
}

/** A signal `[batch, channels, length]`. */
function signal(): StagedModel {
  const { add, weight, pooledHead, model } = builder();
  const step = (x: string, output: string, [from, to]: readonly [number, number]) =>
    add(
      'Relu',
      [
        add('Conv', [x, weight(`${output}.w`, to, from, 3)], `${output}.c`, {
          kernel_shape: [3n],
          pads: [1n, 1n],
          strides: [2n],
        }),
      ],
      output,
    );
  pooledHead(step(step(step('x', 'a', [2, 4]), 'b', [4, 6]), 'c', [6, 5]), 5);
  const bytes = model([{ name: 'x', type: 'float32', dims: ['batch', 2, 32] }]);
  return {
    bytes,
    input: [2, 32],
    stages: [
      ['a', 'mean-channels-first'],
      ['b', 'mean-channels-first'],
    ],
  };
}

/** Patches of an image, blocks of attention and a perceptron; class token or mean. */
function transformer({
  classToken,
  blocks = 8,
}: {
  readonly classToken: boolean;
  readonly blocks?: number;
}): StagedModel {
  const { add, weight, integers, head, model } = builder();
  const d = 6;
  const tokens = classToken ? 17 : 16;
  add('Conv', ['image', weight('patch', d, 3, 2, 2)], 'map', { kernel_shape: [2n, 2n], strides: [2n, 2n] });
  add('Reshape', ['map', integers('flat', 0, d, 16)], 'row');
  let x = add('Transpose', ['row'], 'patches', { perm: [0n, 2n, 1n] });
  if (classToken) {
    // As many as there are images: the shape alone is read of them.
    add('Gather', [add('Shape', ['image'], 'shape'), integers('zero', 0)], 'batch', { axis: 0n });
    add('Concat', ['batch', integers('rest', 1, d)], 'wanted', { axis: 0n });
    x = add('Concat', [add('Expand', [weight('token', 1, 1, d), 'wanted'], 'tokens'), x], 'all', {
      axis: 1n,
    });
  }
  x = add('Add', [x, weight('positions', 1, tokens, d)], 'positioned');
  const dense = (input: string, output: string, from: number, to: number) =>
    add('MatMul', [input, weight(`${output}.w`, from, to)], output);
  const norm = (input: string, output: string) =>
    add('LayerNormalization', [input, weight(`${output}.g`, d), weight(`${output}.b`, d)], output, {
      axis: -1n,
    });
  for (let i = 1; i <= blocks; i++) {
    const n = norm(x, `n${i}`);
    const keys = add('Transpose', [dense(n, `k${i}`, d, d)], `kt${i}`, { perm: [0n, 2n, 1n] });
    const scores = add('Softmax', [add('MatMul', [dense(n, `q${i}`, d, d), keys], `qk${i}`)], `p${i}`, {
      axis: -1n,
    });
    const mixed = dense(add('MatMul', [scores, dense(n, `v${i}`, d, d)], `a${i}`), `o${i}`, d, d);
    const middle = add('Add', [x, mixed], `attended${i}`);
    const hidden = add('Relu', [dense(norm(middle, `m${i}`), `h${i}`, d, 9)], `r${i}`);
    x = add('Add', [middle, dense(hidden, `mlp${i}`, 9, d)], `block${i}`);
  }
  const last = norm(x, 'normed');
  if (classToken)
    add(
      'Squeeze',
      [add('Gather', [last, integers('first', 0)], 'f1', { axis: 1n }), integers('axis', 1)],
      'f',
    );
  else add('ReduceMean', [last], 'f', { axes: [1n], keepdims: 0n });
  head('f', d);
  const pooling = classToken ? 'cls' : 'mean';
  const chosen = [1, 2, 3].map(quarter => [`block${Math.round((quarter * blocks) / 4)}`, pooling] as const);
  return { bytes: model([image]), input: [3, 8, 8], stages: chosen };
}

/** Tokens that are merged four by four, as in Swin. */
function merging(): StagedModel {
  const { add, weight, integers, head, model } = builder();
  add('Conv', ['image', weight('patch', 4, 3, 2, 2)], 'map', { kernel_shape: [2n, 2n], strides: [2n, 2n] });
  add('Transpose', [add('Reshape', ['map', integers('flat', 0, 4, 16)], 'row')], 'patches', {
    perm: [0n, 2n, 1n],
  });
  const block = (x: string, output: string, d: number) =>
    add(
      'Add',
      [x, add('Relu', [add('MatMul', [x, weight(`${output}.w`, d, d)], `${output}.m`)], `${output}.r`)],
      output,
    );
  block('patches', 'a', 4);
  add('Reshape', ['a', integers('merged', 0, 4, 16)], 'a.merged');
  block(add('MatMul', ['a.merged', weight('reduce', 16, 6)], 'b.in'), 'b', 6);
  head(add('ReduceMean', ['b'], 'f', { axes: [1n], keepdims: 0n }), 6);
  return { bytes: model([image]), input: [3, 8, 8], stages: [['a', 'mean']] };
}

export const stagedModels: Readonly<Record<string, StagedModel>> = {
  'a plain CNN': plainCnn(),
  'a CNN that is pooled twice': fullyConnected(),
  'a ResNet with projection shortcuts': resnet(),
  'a depthwise MobileNet': mobilenet(),
  'a CNN of channels last': channelsLast(),
  'a CNN of signals': signal(),
  'a ViT with a class token': transformer({ classToken: true }),
  'a ViT without': transformer({ classToken: false }),
  'a ViT of six blocks': transformer({ classToken: true, blocks: 6 }),
  'a transformer that merges tokens': merging(),
};
