import { createRandom } from '@ood/core';
import { encodeModel, makeGraph, makeModel, makeNode, type NodeProto, type Tensor } from '@ood/onnx';

/** Words of each intent; the others are filler, or nobody's. */
export const intents: Readonly<Record<string, readonly string[]>> = {
  balance: ['balance', 'account', 'savings', 'money', 'much'],
  transfer: ['transfer', 'send', 'brother', 'pay', 'dollars'],
  weather: ['weather', 'rain', 'sunny', 'forecast', 'tomorrow'],
};
const filler = ['what', 'is', 'my', 'the', 'in', 'to', 'please', 'a', 'for', 'show', 'me', '?'];
const others = ['alarm', 'song', 'pizza', 'recipe', 'joke', 'planet', 'guitar', 'dragon'];
const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];
const vocabulary = [...special, ...filler, ...Object.values(intents).flat(), ...others];

/** A `tokenizer.json` of whole words, as BERT's are. */
export function wordTokenizer(): string {
  const part = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const token = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
  const single = [token('[CLS]', 0), part('A', 0), token('[SEP]', 0)];
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single,
      pair: [...single, part('B', 1), token('[SEP]', 1)],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: null,
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
    },
  });
}

const D = 12;

export interface TextModelOptions {
  /** What the model gives: logits of the intents, or the states of all tokens `[batch, tokens, 12]`. Default: logits. */
  readonly output?: 'logits' | 'states';
  /** Tokens that it takes. Default: any number. */
  readonly length?: number;
  readonly types?: boolean;
}

/** One layer of attention over embeddings that know the intents' words, with a head on the first token. */
export function textModel({ output = 'logits', length, types = true }: TextModelOptions = {}): Uint8Array {
  const dims = ['batch', length ?? 'tokens'];
  const input = (name: string) => ({ name, type: 'int64' as const, dims });
  const node = (opType: string, inputs: string[], out: string, attributes = {}): NodeProto =>
    makeNode(opType, { inputs, outputs: [out], attributes });
  const nodes = [
    node('Gather', ['E', 'input_ids'], 'words'),
    ...(types
      ? [node('Gather', ['T', 'token_type_ids'], 'types'), node('Add', ['words', 'types'], 'x')]
      : [node('Identity', ['words'], 'x')]),
    node('MatMul', ['x', 'K'], 'k'),
    node('Transpose', ['k'], 'kt', { perm: [0n, 2n, 1n] }),
    node('MatMul', ['x', 'kt'], 'scores'),
    node('Cast', ['attention_mask'], 'real', { to: 1n }),
    node('Sub', ['one', 'real'], 'padding'),
    node('Mul', ['padding', 'low'], 'bias'),
    node('Unsqueeze', ['bias', 'axis'], 'row'),
    node('Add', ['scores', 'row'], 'masked'),
    node('Softmax', ['masked'], 'attention', { axis: -1n }),
    node('MatMul', ['attention', 'x'], 'mixed'),
    node('Add', ['x', 'mixed'], 'sum'),
    node('MatMul', ['sum', 'D'], 'dense'),
    node('Tanh', ['dense'], 'states'),
    ...(output === 'states'
      ? []
      : [
          node('Gather', ['states', 'first'], 'pooled', { axis: 1n }),
          node('Gemm', ['pooled', 'W', 'b'], 'logits', { transB: 1n }),
        ]),
  ];
  const last = output === 'states' ? [...dims, D] : ['batch', Object.keys(intents).length];
  const scalar = (value: number): Tensor => ({ type: 'float32', dims: [], data: Float32Array.of(value) });
  const graph = makeGraph('text', {
    inputs: [input('input_ids'), input('attention_mask'), ...(types ? [input('token_type_ids')] : [])],
    outputs: [{ name: output, type: 'float32', dims: last }],
    nodes,
    initializers: {
      E: embeddings(),
      ...(types && { T: noise([2, D], 'types', 0.1) }),
      K: diagonal(0.3),
      D: diagonal(0.8),
      W: classes(),
      b: { type: 'float32', dims: [3], data: new Float32Array(3) },
      one: scalar(1),
      low: scalar(-1e9),
      axis: { type: 'int64', dims: [1], data: BigInt64Array.of(1n) },
      first: { type: 'int64', dims: [], data: BigInt64Array.of(0n) },
    },
  });
  return encodeModel(makeModel(graph));
}

function noise(dims: readonly number[], stream: string, size: number): Extract<Tensor, { type: 'float32' }> {
  const { normal } = createRandom(1, stream);
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { type: 'float32', dims, data: Float32Array.from({ length: count }, () => size * normal()) };
}

/** Words of an intent lie in its direction, others' words in the last ones. */
function embeddings(): Tensor {
  const E = noise([vocabulary.length, D], 'embeddings', 0.1);
  vocabulary.forEach((word, id) => {
    const intent = Object.values(intents).findIndex(words => words.includes(word));
    if (intent >= 0) E.data[id * D + intent]! += 2;
    else if (others.includes(word) || word === '[UNK]') E.data[id * D + 6 + (id % 6)]! += 2;
  });
  return E;
}

function diagonal(value: number): Tensor {
  const matrix = noise([D, D], `diagonal ${value}`, 0.05);
  for (let i = 0; i < D; i++) matrix.data[i * D + i]! += value;
  return matrix;
}

function classes(): Tensor {
  const W = noise([3, D], 'head', 0.05);
  for (let c = 0; c < 3; c++) W.data[c * D + c]! += 3;
  return W;
}

/** Reproducible queries: each asks with one to three words of its intent, or of none. */
export function queries(count: number, { seed = 1, scope = true }: { seed?: number; scope?: boolean } = {}) {
  const { below } = createRandom(seed, scope ? 'in scope' : 'out of scope');
  const names = Object.keys(intents);
  const pick = (words: readonly string[]) => words[below(words.length)]!;
  return Array.from({ length: count }, (_, i) => {
    const label = i % names.length;
    const own = scope ? intents[names[label]!]! : others;
    const words = Array.from({ length: 2 + below(6) }, () => pick(filler));
    for (let n = 2 + below(2); n > 0; n--) words.splice(below(words.length + 1), 0, pick(own));
    return { id: String(i), text: words.join(' '), ...(scope && { label }) };
  });
}
