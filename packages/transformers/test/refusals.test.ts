import { readFile, writeFile } from 'node:fs/promises';
import { pipeline, type TextClassificationPipeline } from '@huggingface/transformers';
import { createRandom } from '@ood/core';
import { fitGuard } from '@ood/guard';
import { encodeModel, makeGraph, makeModel, makeNode } from '@ood/onnx';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fitPipelineGuard, guardPipeline } from '../src/index.ts';
import { localModels, quick, unlabeled } from './local-models.ts';
import { sentences } from './tiny-models.ts';

const { path } = localModels();
let pipe: TextClassificationPipeline;
const model = () => path('intents/onnx/model.onnx');
const guard = () => path('text.guard');
const texts = (seed: string, count: number) => sentences(seed, count).map(({ input }) => input);

beforeAll(async () => {
  pipe = await pipeline('text-classification', 'intents', { dtype: 'fp32' });
  await fitPipelineGuard(pipe, {
    ...quick,
    model: model(),
    folder: guard(),
    train: texts('train', 150),
    calibration: texts('calibration', 80),
  });
});
afterAll(() => pipe?.dispose());

const like = (task: string) => Object.assign(() => Promise.resolve(), { task, _call: () => {}, model: {} });

it.each([
  ['zero-shot-classification', /depends on the labels of the call.*feature-extraction/],
  ['zero-shot-image-classification', /depends on the labels.*image-feature-extraction/],
  ['token-classification', /judges tokens/],
  ['object-detection', /crop the boxes/],
  ['text-generation', /one result per input/],
])('refuses a pipeline of %s with the reason and a way out', async (task, message) => {
  const options = { model: model(), guard: guard() };
  await expect(guardPipeline(like(task), options)).rejects.toMatchObject({
    code: 'UNSUPPORTED_PIPELINE',
    kind: 'usage',
    message: expect.stringMatching(message),
  });
  await expect(
    fitPipelineGuard(like(task), { model: model(), folder: path('x.guard'), train: [] }),
  ).rejects.toMatchObject({ code: 'UNSUPPORTED_PIPELINE' });
});

it.each([
  ['no pipeline', undefined, {}, /a pipeline of transformers\.js/],
  ['a promise of one', Promise.resolve(), {}, /await the pipeline first/],
  ['no model', 'pipe', { model: undefined }, /option "model"/],
  ['an empty model', 'pipe', { model: '' }, /option "model"/],
  ['no guard', 'pipe', { guard: undefined }, /option "guard"/],
  ['an option that does not exist', 'pipe', { treshold: 1 }, /treshold/],
])('refuses %s', async (_what, given, options, message) => {
  const all = { model: model(), guard: guard(), ...options } as never;
  await expect(guardPipeline((given === 'pipe' ? pipe : given) as never, all)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(message),
  });
});

it('refuses a file that is not what the pipeline runs: by its name, by its outputs, by its inputs', async () => {
  const refused = (file: string) =>
    expect(guardPipeline(pipe, { model: file, guard: guard() })).rejects.toMatchObject({
      code: 'FOREIGN_MODEL',
      message: expect.stringMatching(/onnx\/model\.onnx/),
    });
  await refused(path('intents/onnx/model_quantized.onnx'));
  await writeFile(path('intents/onnx/other.onnx'), await readFile(path('intents/onnx/model_quantized.onnx')));
  await refused(path('intents/onnx/other.onnx'));
  await expect(
    guardPipeline(pipe, { model: path('colors/onnx/model.onnx'), guard: guard() }),
  ).rejects.toMatchObject({ name: expect.stringMatching(/TransformersError|FeaturesError/) });
});

it('refuses a pipeline of another dtype, task, model or tokenizer than the guard was made with', async () => {
  const refusal = (part: string) => ({
    code: 'FOREIGN_MODEL',
    details: { part },
    advice: expect.any(String),
  });
  const half = await pipeline('text-classification', 'intents', { dtype: 'fp16' });
  await expect(
    guardPipeline(half, { model: path('intents/onnx/model_fp16.onnx'), guard: guard() }),
  ).rejects.toMatchObject(refusal('dtype'));
  await half.dispose();
  const embedder = await pipeline('feature-extraction', 'embedder', { dtype: 'fp32' });
  await expect(
    guardPipeline(embedder, { model: path('embedder/onnx/model.onnx'), guard: guard() }),
  ).rejects.toMatchObject(refusal('task'));
  await embedder.dispose();
  // Another file that computes the same.
  const bytes = new Uint8Array([...(await readFile(model())), ...UNKNOWN_FIELD]);
  await expect(guardPipeline(pipe, { model: bytes, guard: guard() })).rejects.toMatchObject(refusal('model'));

  const tokenizer = JSON.parse(await readFile(path('intents/tokenizer.json'), 'utf8'));
  await writeFile(path('intents/tokenizer.json'), JSON.stringify({ ...tokenizer, post_processor: null }));
  const other = await pipeline('text-classification', 'intents', { dtype: 'fp32' });
  await writeFile(path('intents/tokenizer.json'), JSON.stringify(tokenizer));
  await expect(guardPipeline(other, { model: model(), guard: guard() })).rejects.toMatchObject(
    refusal('preparation'),
  );
  await other.dispose();
});

/** A field of ONNX's message that nobody knows: number 100, value 0. */
const UNKNOWN_FIELD = [0xa0, 0x06, 0x00];

it('refuses a guard that was not made with a pipeline', async () => {
  const vectors = makeModel(
    makeGraph('vectors', {
      inputs: [{ name: 'x', type: 'float32', dims: ['batch', 4] }],
      outputs: [{ name: 'y', type: 'float32', dims: ['batch', 4] }],
      nodes: [makeNode('Identity', { inputs: ['x'], outputs: ['y'] })],
    }),
  );
  // Features that go together, so that a detector can tell what is unlike them.
  const rows = (seed: string) => {
    const { normal } = createRandom(1, seed);
    const data = new Float32Array(400);
    for (let row = 0; row < 100; row++) data.subarray(4 * row, 4 * row + 4).fill(5 * normal());
    return { rows: 100, cols: 4, data: data.map(value => value + 0.1 * normal()) };
  };
  await fitGuard(path('vectors.guard'), {
    ...unlabeled,
    model: encodeModel(vectors),
    train: { features: rows('train') },
    calibration: { features: rows('calibration') },
  });
  await expect(guardPipeline(pipe, { model: model(), guard: path('vectors.guard') })).rejects.toMatchObject({
    code: 'FOREIGN_GUARD',
    advice: expect.stringContaining('fitPipelineGuard'),
  });
});

it('refuses a call that asks for no results, whose verdict would be lost', async () => {
  const guarded = await guardPipeline(pipe, { model: model(), guard: guard() });
  await expect(guarded('rain', { top_k: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  expect(await guarded('rain', { top_k: 1 })).toHaveLength(1);
  await guarded.dispose();
});

it.each([
  ['no samples', [], undefined, 'EMPTY_INPUT'],
  ['a class that the model does not know', [{ input: 'rain', label: 'sports' }], undefined, 'INVALID_VALUE'],
  ['samples to calibrate on that were fitted on', texts('train', 40), texts('train', 40), 'SEEN_ROWS'],
  ['a folder that is there', texts('train', 60), texts('calibration', 40), 'FILE_EXISTS', 'text.guard'],
])('refuses to fit on %s', async (_what, train, calibration, code, folder = 'never.guard') => {
  const options = { ...quick, model: model(), folder: path(folder), train, calibration };
  await expect(fitPipelineGuard(pipe, options)).rejects.toMatchObject({ code });
});

it('ends when it is told to', async () => {
  const abort = new AbortController();
  const options = {
    ...quick,
    model: model(),
    folder: path('never.guard'),
    train: texts('train', 60),
    signal: abort.signal,
    onProgress: () => abort.abort(),
  };
  await expect(fitPipelineGuard(pipe, options)).rejects.toMatchObject({ code: 'ABORTED' });
});
