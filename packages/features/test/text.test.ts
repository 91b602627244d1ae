import { readFileSync } from 'node:fs';
import {
  extract,
  hashPreprocessing,
  huggingFaceText,
  openBackbone,
  type Pooling,
  parsePreprocessing,
  preprocessingFiles,
  restorePreprocessing,
  type Sample,
  summarizePreprocessing,
  type TextPreprocessing,
} from '@ood/features';
import type { TensorInfo } from '@ood/onnx';
import { describe, expect, it, test } from 'vitest';
import { textModel, wordTokenizer } from '../../../tooling/vitest/text-model.ts';
import { openTokenizer } from '../src/extraction/tokenize.ts';

const read = (path: string) => readFileSync(new URL(`golden/text/${path}`, import.meta.url), 'utf8');
const tokens = (name: string, dims: TensorInfo['dims'] = ['batch', 'length']): TensorInfo => ({
  name,
  type: 'int64',
  dims,
});
const usual = [tokens('input_ids'), tokens('attention_mask'), tokens('token_type_ids')];
const textOf = (name: string, options: Partial<Parameters<typeof huggingFaceText>[1]> = {}, inputs = usual) =>
  huggingFaceText(inputs, {
    tokenizer: read(`${name}/tokenizer.json`),
    tokenizerConfig: read(`${name}/tokenizer_config.json`),
    ...options,
  });

describe.each(['wordpiece', 'byte-level', 'unigram', 'quick-tour'])('%s', name => {
  const golden: {
    texts: string[];
    pairs: [string, string][];
    whole: { ids: number[]; types: number[] }[];
    truncated: { ids: number[]; types: number[] }[];
  } = JSON.parse(read(`${name}/golden.json`));

  test.each([
    ['whole', 512],
    ['truncated', 12],
  ] as const)('gives the ids of the library in Rust, %s', async (part, maxLength) => {
    const tokenize = await openTokenizer({ ...textOf(name), maxLength });
    const inputs: readonly (readonly [string, string?])[] = [
      ...golden.texts.map(text => [text] as const),
      ...golden.pairs,
    ];
    expect(inputs.map(input => ({ input, ...tokenize(...input) }))).toEqual(
      inputs.map((input, i) => ({ input, ...golden[part][i] })),
    );
  });
});

const source = (samples: readonly Sample[]) => ({
  length: samples.length,
  async *[Symbol.asyncIterator]() {
    yield* samples;
  },
});
const sentences = [
  'what is my balance',
  '',
  'show me the weather in a planet for my brother please ?',
  'send 5 dollars',
  'is it sunny tomorrow ? what is the forecast ?',
].map((text, i) => ({ id: String(i), text }));

describe('texts to features', () => {
  const tokenizer = wordTokenizer();
  const rowsOf = async (
    preprocessing: (inputs: readonly TensorInfo[]) => TextPreprocessing,
    { pooling, samples, batchSize }: { pooling: Pooling; samples: readonly Sample[]; batchSize: number },
  ) => {
    const backbone = await openBackbone(textModel({ output: 'states' }), {
      head: 'none',
      pooling,
      trusted: true,
    });
    try {
      return await extract(backbone, source(samples), {
        preprocessing: preprocessing(backbone.inputs),
        batchSize,
      });
    } finally {
      await backbone.close();
    }
  };

  it.each<[Pooling, 'left' | 'right']>([
    ['cls', 'right'],
    ['mean', 'right'],
    ['last', 'right'],
    ['cls', 'left'],
    ['mean', 'left'],
    ['last', 'left'],
  ])('are the same in any company: %s of texts padded %s', async (pooling, side) => {
    const text = (inputs: readonly TensorInfo[]) => ({
      ...huggingFaceText(inputs, { tokenizer }),
      padding: { side, id: 0 },
    });
    const together = await rowsOf(text, { pooling, samples: sentences, batchSize: 5 });
    const alone = await rowsOf(text, { pooling, samples: sentences, batchSize: 1 });
    expect(together.failures).toEqual([]);
    expect(together.features.rows).toBe(sentences.length);
    const apart = together.features.data.map((value, i) => Math.abs(value - alone.features.data[i]!));
    expect(Math.max(...apart)).toBeLessThan(1e-6);
    const first = together.features.data.subarray(0, 12);
    expect(together.features.data.subarray(24, 36)).not.toEqual(first);
  });

  it('pool over real tokens as by hand', async () => {
    const text = (inputs: readonly TensorInfo[]) => huggingFaceText(inputs, { tokenizer });
    const samples = [sentences[0]!];
    const backbone = await openBackbone(textModel({ output: 'states' }), {
      head: 'none',
      pooling: 'none',
      freeDimensions: { tokens: 6 },
    });
    const states = (await extract(backbone, source(samples), { preprocessing: text(backbone.inputs) }))
      .features;
    await backbone.close();
    const tokens = Array.from({ length: states.cols / 12 }, (_, t) =>
      states.data.subarray(t * 12, t * 12 + 12),
    );
    const wanted = {
      cls: tokens[0]!,
      last: tokens.at(-1)!,
      mean: tokens[0]!.map((_, j) => tokens.reduce((sum, token) => sum + token[j]!, 0) / tokens.length),
    };
    for (const pooling of ['cls', 'last', 'mean'] as const) {
      const both = { pooling, samples: sentences, batchSize: 5 };
      const { features } = await rowsOf(text, both);
      for (let j = 0; j < 12; j++) expect(features.data[j]).toBeCloseTo(wanted[pooling][j]!, 5);
    }
  });

  it('keep to the length of a model that takes only one', async () => {
    const backbone = await openBackbone(textModel({ length: 9 }), { head: 'require' });
    const preprocessing = huggingFaceText(backbone.inputs, { tokenizer });
    expect(preprocessing).toMatchObject({
      maxLength: 9,
      inputs: { ids: 'input_ids', mask: 'attention_mask', types: 'token_type_ids', positions: null },
    });
    const { logits, failures } = await extract(backbone, source(sentences), { preprocessing });
    expect(failures).toEqual([]);
    const free = await openBackbone(textModel(), { head: 'require' });
    const { logits: same } = await extract(free, source(sentences), {
      preprocessing: { ...preprocessing, maxLength: 9 },
    });
    logits!.data.forEach((value, i) => {
      expect(value).toBeCloseTo(same!.data[i]!, 5);
    });
    await expect(
      extract(backbone, source(sentences), { preprocessing: { ...preprocessing, maxLength: 10 } }),
    ).rejects.toMatchObject({
      code: 'MODEL_INPUT_MISMATCH',
      message: expect.stringContaining('at most 9 tokens'),
    });
    await backbone.close();
    await free.close();
  });

  it('are refused one by one where they are none', async () => {
    const { tokenizer: tour } = textOf('quick-tour');
    const text = (inputs: readonly TensorInfo[]) => huggingFaceText(inputs, { tokenizer: tour });
    const samples = [
      { id: 'ok', text: 'pay' },
      { id: 'no token', text: ' ' },
      { id: 'long', text: 'a'.repeat(1_000_001) },
      { id: 'image', bytes: new Uint8Array(3) },
      { id: 'number', text: 7 as never },
    ];
    const backbone = {
      inputs: [tokens('input_ids')],
      run: async () => ({ features: { rows: 1, cols: 1, data: Float32Array.of(1) } }),
    };
    const { ids, failures } = await extract(backbone, source(samples), {
      preprocessing: text(backbone.inputs),
    });
    expect(ids).toEqual(['ok']);
    expect(failures.map(({ id, code }) => `${id}: ${code}`)).toEqual(
      ['no token', 'long', 'image', 'number'].map(id => `${id}: SAMPLE_INVALID`),
    );
  });
});

describe('a preprocessing of texts', () => {
  const text = textOf('wordpiece');

  it('is plain data, whose hash is the same for what stands for its tokenizer', () => {
    expect(parsePreprocessing(JSON.stringify(text))).toEqual(text);
    const summary = summarizePreprocessing(text);
    expect(JSON.stringify(summary).length).toBeLessThan(500);
    expect(hashPreprocessing(summary)).toBe(hashPreprocessing(text));
    expect(hashPreprocessing({ ...text, tokenizer: `${text.tokenizer} ` })).not.toBe(hashPreprocessing(text));
    expect(parsePreprocessing(restorePreprocessing(summary, preprocessingFiles(text)))).toEqual(text);
  });

  it.each<[string, Partial<Parameters<typeof huggingFaceText>[1]>, number]>([
    ['model_max_length', {}, 512],
    ['none, for 10³⁰', { tokenizerConfig: { model_max_length: 1e30 } }, 512],
    ['positions of the model', { tokenizerConfig: {}, config: { max_position_embeddings: 128 } }, 128],
    [
      'positions behind the padding',
      { config: '{"model_type":"roberta","max_position_embeddings":130,"pad_token_id":1}' },
      128,
    ],
    ['a given one', { maxLength: 7 }, 7],
  ])('takes its length from %s', (_, options, length) => {
    expect(textOf('wordpiece', options).maxLength).toBe(length);
  });

  it('pads with the token that is named for it', () => {
    expect(text.padding).toEqual({ side: 'right', id: 0 });
    expect(
      textOf('byte-level', { tokenizerConfig: { pad_token: { content: '<pad>' }, padding_side: 'left' } })
        .padding,
    ).toEqual({
      side: 'left',
      id: 1,
    });
  });

  it.each<[string, () => unknown, string, RegExp]>([
    [
      'a tokenizer that is none',
      () => textOf('wordpiece', { tokenizer: '[]' }),
      'INVALID_OPTION',
      /tokenizer.json: expected a JSON object/,
    ],
    ['no room', () => textOf('wordpiece', { maxLength: 0 }), 'INVALID_OPTION', /maxLength/],
    [
      'an image',
      () => textOf('wordpiece', {}, [{ name: 'x', type: 'float32', dims: ['n', 3, 8, 8] }]),
      'MODEL_INPUT_MISMATCH',
      /\[batch, tokens\]/,
    ],
    [
      'inputs without a name',
      () => textOf('wordpiece', {}, [tokens('input.1'), tokens('input.2')]),
      'MODEL_INPUT_MISMATCH',
      /input.1, input.2/,
    ],
    [
      'a mask alone beside a state',
      () =>
        textOf('wordpiece', {}, [
          tokens('attention_mask'),
          { name: 'state', type: 'float32', dims: ['n', 3] },
        ]),
      'MODEL_INPUT_MISMATCH',
      /'state'/,
    ],
    [
      'an input twice',
      () => parsePreprocessing({ ...text, inputs: { ids: 'a', mask: 'a', types: null, positions: null } }),
      'INVALID_OPTION',
      /each once/,
    ],
    ['another kind', () => parsePreprocessing({ ...text, kind: 'smell' }), 'NEWER_VERSION', /"text"/],
    ['unknown keys', () => parsePreprocessing({ ...text, colour: 1 }), 'INVALID_OPTION', /colour/],
  ])('refuses %s', (_, make, code, message) => {
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it.each([
    ['no model', { model: { type: 'Magic' } }, 'INVALID_OPTION'],
    [
      'a Split that merges',
      {
        pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithNext', invert: false },
      },
      'UNSUPPORTED',
    ],
  ])('is not opened with %s', async (_, change, code) => {
    const tokenizer = JSON.stringify({ ...JSON.parse(text.tokenizer), ...change });
    await expect(openTokenizer({ ...text, tokenizer })).rejects.toMatchObject({ code });
  });
});
