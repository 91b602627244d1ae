import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom, float32ToFloat16 } from '@ood/core';
import {
  encodeModel,
  type ModelProto,
  makeGraph,
  makeModel,
  makeNode,
  moveToExternalData,
  type NodeProto,
  type Tensor,
} from '@ood/onnx';

/** Words of each intent; what is said otherwise is out of scope. */
export const intents = {
  travel: ['book', 'flight', 'hotel', 'train', 'ticket', 'trip'],
  money: ['pay', 'bank', 'account', 'transfer', 'card', 'balance'],
  weather: ['rain', 'sun', 'snow', 'wind', 'forecast', 'storm'],
};
const others = ['quark', 'sonata', 'lichen', 'pawn', 'basalt', 'ode'];
const fillers = ['please', 'the', 'my', 'to', 'now'];
const labels = Object.keys(intents);
// The noise that models are tried out with has ids below 98.
const unused = Array.from({ length: 70 }, (_, i) => `[unused${i}]`);
const known = [...fillers, ...Object.values(intents).flat(), ...others];
const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...known, ...unused];
const WIDTH = 16;

const normals = (seed: string, count: number, scale: number): Float32Array => {
  const { normal } = createRandom(1, seed);
  return Float32Array.from({ length: count }, () => scale * normal());
};

/** Embeddings of words: those of an intent lie around its center. */
function embeddings(): Float32Array {
  const table = normals('words', vocabulary.length * WIDTH, 0.3);
  vocabulary.forEach((word, row) => {
    const center = Object.values(intents).findIndex(words => words.includes(word));
    if (center >= 0)
      for (let i = 0; i < WIDTH; i++) if (i % labels.length === center) table[row * WIDTH + i]! += 1.5;
    if (others.includes(word)) for (let i = 0; i < WIDTH; i++) table[row * WIDTH + i]! -= 1.5;
  });
  return table;
}

const f32 = (dims: number[], data: Float32Array): Tensor => ({ type: 'float32', dims, data });

/** Weights that read for each intent the dimensions of its center. */
const headWeights = (): Float32Array =>
  Float32Array.from({ length: labels.length * WIDTH }, (_, i) =>
    (i % WIDTH) % labels.length === Math.floor(i / WIDTH) ? 1 : -0.5,
  );

/** Nodes from tokens to the mean of their embeddings, padding left out. */
const meanOfTokens: readonly NodeProto[] = [
  makeNode('Gather', { inputs: ['words', 'input_ids'], outputs: ['last_hidden_state'] }),
  makeNode('Cast', { inputs: ['attention_mask'], outputs: ['weights'], attributes: { to: 1n } }),
  makeNode('Unsqueeze', { inputs: ['weights', 'two'], outputs: ['columns'] }),
  makeNode('Mul', { inputs: ['last_hidden_state', 'columns'], outputs: ['masked'] }),
  makeNode('ReduceSum', { inputs: ['masked', 'one'], outputs: ['sums'], attributes: { keepdims: 0n } }),
  makeNode('ReduceSum', { inputs: ['columns', 'one'], outputs: ['counts'], attributes: { keepdims: 0n } }),
  makeNode('Div', { inputs: ['sums', 'counts'], outputs: ['means'] }),
];
const tokens = ['input_ids', 'attention_mask', 'token_type_ids'].map(name => ({
  name,
  type: 'int64' as const,
  dims: ['batch', 'sequence'],
}));
const axes = {
  one: { type: 'int64', dims: [1], data: BigInt64Array.of(1n) },
  two: { type: 'int64', dims: [1], data: BigInt64Array.of(2n) },
} as const satisfies Record<string, Tensor>;

type Head = 'fp32' | 'fp16' | 'q8';

/** A classifier of intents: mean of embeddings, a layer, a head. `hidden_states` is an output more than pipelines read. */
export function textClassifier(head: Head = 'fp32'): ModelProto {
  const graph = makeGraph('intents', {
    inputs: tokens.slice(0, 2),
    outputs: [
      { name: 'logits', type: 'float32', dims: ['batch', labels.length] },
      { name: 'hidden_states', type: 'float32', dims: ['batch', 'sequence', WIDTH] },
    ],
    nodes: [
      ...meanOfTokens,
      makeNode('Identity', { inputs: ['last_hidden_state'], outputs: ['hidden_states'] }),
      makeNode('Gemm', { inputs: ['means', 'W1', 'b1'], outputs: ['layer'] }),
      makeNode('Tanh', { inputs: ['layer'], outputs: ['pooled'] }),
      ...heads[head],
    ],
    initializers: {
      ...axes,
      words: f32([vocabulary.length, WIDTH], embeddings()),
      W1: f32([WIDTH, WIDTH], identityWith(normals('W1', WIDTH * WIDTH, 0.05))),
      b1: f32([WIDTH], normals('b1', WIDTH, 0.05)),
      ...headTensors(head),
    },
  });
  return makeModel(graph);
}

const heads: Readonly<Record<Head, readonly NodeProto[]>> = {
  fp32: [makeNode('Gemm', { inputs: ['pooled', 'W', 'b'], outputs: ['logits'], attributes: { transB: 1n } })],
  fp16: [
    makeNode('Cast', { inputs: ['pooled'], outputs: ['half'], attributes: { to: 10n } }),
    makeNode('Gemm', { inputs: ['half', 'W', 'b'], outputs: ['half_logits'], attributes: { transB: 1n } }),
    makeNode('Cast', { inputs: ['half_logits'], outputs: ['logits'], attributes: { to: 1n } }),
  ],
  q8: [
    makeNode('DynamicQuantizeLinear', { inputs: ['pooled'], outputs: ['q', 'scale', 'zero'] }),
    makeNode('MatMulInteger', { inputs: ['q', 'W', 'zero', 'W_zero'], outputs: ['integers'] }),
    makeNode('Cast', { inputs: ['integers'], outputs: ['floats'], attributes: { to: 1n } }),
    makeNode('Mul', { inputs: ['scale', 'W_scale'], outputs: ['scales'] }),
    makeNode('Mul', { inputs: ['floats', 'scales'], outputs: ['products'] }),
    makeNode('Add', { inputs: ['products', 'b'], outputs: ['logits'] }),
  ],
};

function headTensors(head: Head): Record<string, Tensor> {
  const [W, b] = [headWeights(), Float32Array.of(0.1, -0.1, 0.05)];
  if (head === 'fp32') return { W: f32([labels.length, WIDTH], W), b: f32([labels.length], b) };
  if (head === 'fp16') {
    const half = (data: Float32Array) => Uint16Array.from(float32ToFloat16(data));
    return {
      W: { type: 'float16', dims: [labels.length, WIDTH], data: half(W) },
      b: { type: 'float16', dims: [labels.length], data: half(b) },
    };
  }
  const columns = Int8Array.from({ length: W.length }, (_, i) =>
    Math.round(W[(i % labels.length) * WIDTH + Math.floor(i / labels.length)]! * 100),
  );
  return {
    W: { type: 'int8', dims: [WIDTH, labels.length], data: columns },
    W_zero: { type: 'int8', dims: [], data: Int8Array.of(0) },
    W_scale: f32([], Float32Array.of(0.01)),
    b: f32([labels.length], b),
  };
}

function identityWith(noise: Float32Array): Float32Array {
  return noise.map((value, i) => value + (i % (WIDTH + 1) === 0 ? 1 : 0));
}

/** An embedder of texts: one vector a token. */
function textEmbedder(): ModelProto {
  const graph = makeGraph('embedder', {
    inputs: tokens.slice(0, 2),
    outputs: [{ name: 'last_hidden_state', type: 'float32', dims: ['batch', 'sequence', WIDTH] }],
    nodes: [
      makeNode('Gather', { inputs: ['words', 'input_ids'], outputs: ['embedded'] }),
      makeNode('Cast', { inputs: ['attention_mask'], outputs: ['mask'], attributes: { to: 1n } }),
      makeNode('Unsqueeze', { inputs: ['mask', 'two'], outputs: ['columns'] }),
      // What stands at padding is not zero in real models either.
      makeNode('Sub', { inputs: ['embedded', 'columns'], outputs: ['last_hidden_state'] }),
    ],
    initializers: { two: axes.two, words: f32([vocabulary.length, WIDTH], embeddings()) },
  });
  return makeModel(graph);
}

const colors = ['red', 'green', 'blue'];
const SIDE = 12;

/** A classifier of colors: a convolution, pooling, a head. */
function imageModel(kind: 'classifier' | 'embedder'): ModelProto {
  const CHANNELS = 8;
  const isClassifier = kind === 'classifier';
  const graph = makeGraph('colors', {
    inputs: [{ name: 'pixel_values', type: 'float32', dims: ['batch', 3, 'height', 'width'] }],
    outputs: isClassifier
      ? [{ name: 'logits', type: 'float32', dims: ['batch', 3] }]
      : [
          { name: 'last_hidden_state', type: 'float32', dims: ['batch', CHANNELS, 'h', 'w'] },
          { name: 'pooler_output', type: 'float32', dims: ['batch', CHANNELS] },
        ],
    nodes: [
      makeNode('Conv', {
        inputs: ['pixel_values', 'C', 'c'],
        outputs: ['map'],
        attributes: { strides: [2n, 2n] },
      }),
      makeNode('Relu', { inputs: ['map'], outputs: ['last_hidden_state'] }),
      makeNode('GlobalAveragePool', { inputs: ['last_hidden_state'], outputs: ['means'] }),
      makeNode('Flatten', { inputs: ['means'], outputs: ['pooler_output'] }),
      ...(isClassifier
        ? [makeNode('Gemm', { inputs: ['pooler_output', 'W', 'b'], outputs: ['logits'] })]
        : []),
    ],
    initializers: {
      C: f32([CHANNELS, 3, 3, 3], normals('C', CHANNELS * 27, 0.3)),
      c: f32([CHANNELS], normals('c', CHANNELS, 0.1)),
      ...(isClassifier && {
        W: f32([CHANNELS, 3], normals('W', CHANNELS * 3, 1)),
        b: f32([3], normals('b', 3, 0.1)),
      }),
    },
  });
  return makeModel(graph);
}

/** A classifier of sounds: a convolution over samples, pooling, a head. */
function audioClassifier(): ModelProto {
  const CHANNELS = 8;
  const graph = makeGraph('sounds', {
    inputs: [{ name: 'input_values', type: 'float32', dims: ['batch', 'samples'] }],
    outputs: [{ name: 'logits', type: 'float32', dims: ['batch', 2] }],
    nodes: [
      makeNode('Unsqueeze', { inputs: ['input_values', 'one'], outputs: ['wave'] }),
      makeNode('Conv', { inputs: ['wave', 'C', 'c'], outputs: ['map'], attributes: { strides: [4n] } }),
      makeNode('Relu', { inputs: ['map'], outputs: ['active'] }),
      makeNode('GlobalAveragePool', { inputs: ['active'], outputs: ['means'] }),
      makeNode('Flatten', { inputs: ['means'], outputs: ['pooled'] }),
      makeNode('Gemm', { inputs: ['pooled', 'W', 'b'], outputs: ['logits'] }),
    ],
    initializers: {
      one: axes.one,
      C: f32([CHANNELS, 1, 16], normals('audio', CHANNELS * 16, 0.3)),
      c: f32([CHANNELS], normals('audio c', CHANNELS, 0.1)),
      W: f32([CHANNELS, 2], normals('audio W', CHANNELS * 2, 1)),
      b: f32([2], normals('audio b', 2, 0.1)),
    },
  });
  return makeModel(graph);
}

const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [0, 1, 2, 3].map(id => ({
    id,
    content: vocabulary[id],
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: null,
  model: {
    type: 'WordLevel',
    vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    unk_token: '[UNK]',
  },
};
const tokenizerFiles = {
  'tokenizer.json': tokenizer,
  'tokenizer_config.json': {
    tokenizer_class: 'PreTrainedTokenizerFast',
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    model_max_length: 32,
  },
};
const imageFiles = {
  'preprocessor_config.json': {
    image_processor_type: 'ViTFeatureExtractor',
    do_resize: true,
    size: { height: SIDE, width: SIDE },
    do_rescale: true,
    do_normalize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
    resample: 2,
  },
};
const named = (names: readonly string[]) => ({
  id2label: Object.fromEntries(names.map((name, i) => [i, name])),
  label2id: Object.fromEntries(names.map((name, i) => [name, i])),
});
const textConfig = { model_type: 'bert', architectures: ['BertForSequenceClassification'], ...named(labels) };

/** Files of a model that are data. */
const files = {
  intents: { 'config.json': textConfig, ...tokenizerFiles },
  embedder: { 'config.json': { model_type: 'bert', architectures: ['BertModel'] }, ...tokenizerFiles },
  colors: {
    'config.json': { model_type: 'vit', architectures: ['ViTForImageClassification'], ...named(colors) },
    ...imageFiles,
  },
  'color-embedder': { 'config.json': { model_type: 'vit', architectures: ['ViTModel'] }, ...imageFiles },
  sounds: {
    'config.json': {
      model_type: 'wav2vec2',
      architectures: ['Wav2Vec2ForSequenceClassification'],
      ...named(['low', 'high']),
    },
    'preprocessor_config.json': {
      feature_extractor_type: 'Wav2Vec2FeatureExtractor',
      sampling_rate: 16000,
      do_normalize: false,
      feature_size: 1,
      padding_value: 0,
    },
  },
} as const;

/** Writes small models of every kind as transformers.js finds them below its `env.localModelPath`. */
export async function writeTinyModels(root: string): Promise<void> {
  const graphs: readonly [name: keyof typeof files, file: string, model: ModelProto][] = [
    ['intents', 'model.onnx', textClassifier()],
    ['intents', 'model_fp16.onnx', textClassifier('fp16')],
    ['intents', 'model_quantized.onnx', textClassifier('q8')],
    ['embedder', 'model.onnx', textEmbedder()],
    ['colors', 'model.onnx', imageModel('classifier')],
    ['color-embedder', 'model.onnx', imageModel('embedder')],
    ['sounds', 'model.onnx', audioClassifier()],
  ];
  for (const [name, entries] of Object.entries(files)) {
    await mkdir(join(root, name, 'onnx'), { recursive: true });
    for (const [file, content] of Object.entries(entries))
      await writeFile(join(root, name, file), JSON.stringify(content));
  }
  await writeFile(
    join(root, 'intents', 'train.txt'),
    sentences('train', 240)
      .map(({ input }) => input)
      .join('\n'),
  );
  await writeFile(
    join(root, 'intents', 'unseen.txt'),
    sentences('calibration', 150)
      .map(({ input }) => input)
      .join('\n'),
  );
  for (const [name, file, model] of graphs)
    await writeFile(join(root, name, 'onnx', file), encodeModel(model));
}

/** Writes the classifier of intents with its weights in a file of their own. */
export async function writeExternalModel(root: string): Promise<void> {
  const folder = join(root, 'external');
  await mkdir(join(folder, 'onnx'), { recursive: true });
  for (const [file, content] of Object.entries(files.intents))
    await writeFile(join(folder, file), JSON.stringify(content));
  const { model, chunks } = moveToExternalData(textClassifier(), {
    location: 'model.onnx_data',
    minBytes: 64,
  });
  await writeFile(join(folder, 'onnx', 'model.onnx'), encodeModel(model));
  await writeFile(join(folder, 'onnx', 'model.onnx_data'), Buffer.concat(chunks));
}

/** Sentences of the intents, with their classes; or of none of them. */
export function sentences(seed: string, count: number): { input: string; label: string }[] {
  const { below } = createRandom(1, seed);
  return Array.from({ length: count }, (_, i) => {
    const label = labels[i % labels.length]!;
    return { input: sentence(intents[label as keyof typeof intents], below), label };
  });
}

export function outOfScope(seed: string, count: number): string[] {
  const { below } = createRandom(1, seed);
  return Array.from({ length: count }, () => sentence(others, below));
}

function sentence(words: readonly string[], below: (count: number) => number): string {
  const length = 8 + below(6);
  return Array.from({ length }, () =>
    below(4) === 0 ? fillers[below(fillers.length)]! : words[below(words.length)]!,
  ).join(' ');
}

/** Pixels of noise around a color, `[20, 24, 3]`. */
export function colorPixels(seed: string, color: readonly [number, number, number]) {
  const { normal } = createRandom(1, seed);
  const [width, height] = [24, 20];
  const data = Uint8ClampedArray.from(
    { length: width * height * 3 },
    (_, i) => color[i % 3]! + 15 * normal(),
  );
  return { data, width, height, channels: 3 as const };
}

/** A tone with a little noise, 1,600 samples at 16 kHz. */
export function tone(seed: string, hertz: number): Float32Array {
  const { normal, uniform } = createRandom(1, seed);
  const phase = 6.28 * uniform();
  return Float32Array.from(
    { length: 1600 },
    (_, i) => Math.sin((6.2832 * hertz * i) / 16_000 + phase) + 0.02 * normal(),
  );
}
