import { pipeline, TextClassificationPipeline } from '@huggingface/transformers';
import { createRandom } from '@ood/core';
import { openGuard } from '@ood/guard';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fitPipelineGuard, type GuardedPipeline, guardPipeline, type OodVerdict } from '../src/index.ts';
import { localModels, quick } from './local-models.ts';
import { outOfScope, sentences } from './tiny-models.ts';

const { path } = localModels();
let pipe: TextClassificationPipeline;
let guarded: GuardedPipeline<TextClassificationPipeline>;
const model = () => path('intents/onnx/model.onnx');
const texts = (seed: string, count: number) => sentences(seed, count).map(({ input }) => input);

beforeAll(async () => {
  pipe = await pipeline('text-classification', 'intents', { dtype: 'fp32' });
  const { failures, manifest } = await fitPipelineGuard(pipe, {
    ...quick,
    model: model(),
    folder: path('text.guard'),
    train: sentences('train', 240),
    calibration: sentences('calibration', 150),
  });
  expect(failures).toEqual([]);
  expect(manifest).toMatchObject({
    classNames: ['travel', 'money', 'weather'],
    trainingRows: 240,
    featureSize: 16,
  });
  guarded = await guardPipeline(pipe, { model: model(), guard: path('text.guard') });
});
afterAll(async () => {
  await guarded?.dispose();
  await pipe?.dispose();
});

/** The output without its verdicts. */
function bare(output: unknown): unknown {
  if (Array.isArray(output)) return output.map(bare);
  const { ood, ...rest } = output as { ood: OodVerdict };
  expect(Object.keys(ood).sort()).toEqual(['isOod', 'pValue', 'score']);
  return rest;
}

/** Lets something happen after each pass of a model of texts. @returns how many there were */
async function withRuns(after: () => unknown, act: () => Promise<unknown>): Promise<number> {
  const session = Object.getPrototypeOf(pipe.model.sessions.model);
  const { run } = session;
  let runs = 0;
  session.run = async function (...args: unknown[]) {
    const outputs = await run.apply(this, args);
    if (!this.inputNames.includes('input_ids')) return outputs;
    runs++;
    await after();
    return outputs;
  };
  try {
    await act();
    return runs;
  } finally {
    session.run = run;
  }
}

it.each([
  ['one text', 'book a flight', undefined],
  ['one text, all labels', 'book a flight', { top_k: null }],
  ['one text, two labels', 'rain now', { top_k: 2 }],
  ['a list', ['book a flight', 'pay the bank please', 'quark'], undefined],
  ['a list, two labels', ['book a flight', 'pay the bank please', 'quark'], { top_k: 2 }],
  ['a list of one', ['snow'], { top_k: 3 }],
])('returns for %s what the pipeline returns, to the last bit', async (_what, input, options) => {
  const call = (each: TextClassificationPipeline) => each(input as string, options as object);
  expect(bare(await call(guarded as unknown as TextClassificationPipeline))).toEqual(await call(pipe));
});

it('finds most of what is out of scope, and lets pass what is not', async () => {
  const inside = await guarded(texts('new', 60));
  const outside = await guarded(outOfScope('out', 60));
  expect(inside.filter(({ ood }) => ood.isOod).length).toBeLessThan(18);
  expect(outside.filter(({ ood }) => ood.isOod).length).toBeGreaterThan(54);
});

it('gives each text of a batch the verdict that it gets alone, up to the arithmetic of batches', async () => {
  const batch = [...texts('batch', 5), ...outOfScope('batch', 3)];
  const together = await guarded(batch);
  for (const [i, text] of batch.entries()) {
    const [alone] = await guarded(text);
    expect(together[i]!.ood.score).toBeCloseTo(alone!.ood.score, 3);
    expect(together[i]!.ood.isOod).toBe(alone!.ood.isOod);
  }
});

it('never mixes up calls that run at the same time', async () => {
  const batches = Array.from({ length: 150 }, (_, i) =>
    i % 2 === 0 ? texts(`many ${i}`, 1 + (i % 5)) : outOfScope(`many ${i}`, 1 + (i % 4)),
  );
  const alone: unknown[] = [];
  for (const batch of batches) alone.push(await guarded(batch));
  const all = () => Promise.all(batches.map(batch => guarded(batch)));
  expect(await all()).toEqual(alone);
  // Passes that end in another order than they began.
  const { below } = createRandom(1, 'delays');
  let results: unknown;
  await withRuns(
    () => new Promise(done => setTimeout(done, below(30))),
    async () => {
      results = await all();
    },
  );
  expect(results).toEqual(alone);
  expect(new Set(alone.map(each => JSON.stringify(each))).size).toBeGreaterThan(140);
});

it('runs the model once a call', async () => {
  const passes = await withRuns(
    () => {},
    () => guarded(['book a flight', 'pay']),
  );
  expect(passes).toBe(1);
});

it('is the pipeline in all else: class, task, tokenizer, configuration, outputs of its model', async () => {
  expect(guarded).toBeInstanceOf(TextClassificationPipeline);
  expect(guarded.task).toBe('text-classification');
  expect(guarded.tokenizer).toBe(pipe.tokenizer);
  expect(guarded.model.config).toBe(pipe.model.config);
  const inputs = pipe.tokenizer(['rain', 'book a flight'], { padding: true });
  const [own, theirs] = [await guarded.model(inputs), await pipe.model(inputs)];
  expect(Object.keys(own)).toEqual(Object.keys(theirs));
  expect(own.logits.tolist()).toEqual(theirs.logits.tolist());
  expect(pipe.model.sessions.model.outputNames).toEqual(['logits', 'hidden_states']);
  expect(guarded.model.sessions.model!.outputNames).toEqual(['logits', 'hidden_states']);
});

it('judges as the guard itself does, which any program can open', async () => {
  const guard = await openGuard(path('text.guard'), { worker: false });
  try {
    expect(guard.digest).toBe(guarded.guard.digest);
    expect(guard.describe().origin).toMatchObject({ by: 'transformers.js', dtype: 'fp32', layer: 'pooled' });
    const [verdict] = await guarded('book a flight');
    expect(verdict!.ood.pValue).toBeGreaterThan(0);
    expect(verdict!.ood.isOod).toBe(verdict!.ood.score > guard.describe().calibration.threshold);
  } finally {
    await guard.close();
  }
});

it('takes an open guard, and leaves it open', async () => {
  const guard = await openGuard(path('text.guard'), { worker: false });
  const second = await guardPipeline(pipe, { model: model(), guard });
  const [result] = await second('book a flight');
  const [first] = await guarded('book a flight');
  expect(result!.ood.score).toBeCloseTo(first!.ood.score, 5);
  await second.dispose();
  expect((await guard.check(new Float32Array(16))).score).toBeGreaterThan(0);
  await guard.close();
});

it('outlives the pipeline that it was made of, and ends by its own dispose', async () => {
  const other = await pipeline('text-classification', 'intents', { dtype: 'fp32' });
  const second = await guardPipeline(other, { model: model(), guard: path('text.guard') });
  const before = await second('book a flight');
  await other.dispose();
  const late = second('book a flight');
  const disposed = second.dispose();
  expect(await late).toEqual(before);
  await disposed;
  await second.dispose();
  await expect(second('book a flight')).rejects.toMatchObject({ code: 'CLOSED' });
});
