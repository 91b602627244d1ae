import { pipeline, RawImage } from '@huggingface/transformers';
import { describe, expect, it } from 'vitest';
import { fitPipelineGuard, guardPipeline } from '../src/index.ts';
import { localModels, quick, unlabeled } from './local-models.ts';
import { colorPixels, outOfScope, sentences, tone, writeExternalModel } from './tiny-models.ts';

const { path } = localModels();
const texts = (seed: string, count: number) => sentences(seed, count).map(({ input }) => input);
const image = (seed: string, color: readonly [number, number, number]) => {
  const { data, width, height, channels } = colorPixels(seed, color);
  return new RawImage(data, width, height, channels);
};
const red = (seed: string, count: number) =>
  Array.from({ length: count }, (_, i) => image(`${seed} ${i}`, [200 - (i % 40), 30 + (i % 20), 40]));
const foreign = (seed: string) => image(seed, [10, 230, 200]);

describe('image-classification', () => {
  it('judges images as the pipeline prepares them, and tells what it refused', async () => {
    const pipe = await pipeline('image-classification', 'colors', { dtype: 'fp32' });
    const model = path('colors/onnx/model.onnx');
    const broken = new URL(`file://${path('none.png')}`);
    const { failures, manifest } = await fitPipelineGuard(pipe, {
      ...quick,
      model,
      folder: path('image.guard'),
      batchSize: 8,
      train: [...red('train', 90), broken, ...red('more', 30)],
      calibration: red('calibration', 80),
    });
    expect(failures).toMatchObject([{ part: 'train', index: 90 }]);
    expect(manifest).toMatchObject({ trainingRows: 120, classNames: ['red', 'green', 'blue'] });
    const guarded = await guardPipeline(pipe, { model, guard: path('image.guard') });
    const images = [...red('new', 2), foreign('new')];
    const many = await guarded(images, { top_k: 2 });
    expect(many.map(labels => labels.map(({ ood, ...rest }) => rest))).toEqual(
      await pipe(images, { top_k: 2 }),
    );
    expect(many.map(([first, second]) => [first!.ood.isOod, second!.ood.isOod])).toEqual([
      [false, false],
      [false, false],
      [true, true],
    ]);
    const one = await guarded(images[2]!);
    expect(one.map(({ label, score }) => ({ label, score }))).toEqual(await pipe(images[2]!));
    expect(one.every(({ ood }) => ood.isOod)).toBe(true);
    await guarded.dispose();
    await pipe.dispose();
  });
});

describe('audio-classification', () => {
  it('judges each sound of a list, which the pipeline takes one by one', async () => {
    const pipe = await pipeline('audio-classification', 'sounds', { dtype: 'fp32' });
    const model = path('sounds/onnx/model.onnx');
    const tones = (seed: string, count: number) =>
      Array.from({ length: count }, (_, i) => tone(`${seed} ${i}`, 300 + (i % 50)));
    await fitPipelineGuard(pipe, {
      ...quick,
      model,
      folder: path('audio.guard'),
      train: tones('train', 100),
      calibration: tones('calibration', 60),
    });
    const guarded = await guardPipeline(pipe, { model, guard: path('audio.guard') });
    const sounds = [tone('new', 320), tone('new', 3000), tone('more', 330)];
    const many = await guarded(sounds);
    expect(many.map(labels => labels.map(({ label, score }) => ({ label, score })))).toEqual(
      await pipe(sounds),
    );
    const oodCount = async (hertz: number) => {
      const results = await guarded(Array.from({ length: 10 }, (_, i) => tone(`${hertz} ${i}`, hertz)));
      return results.filter(([first]) => first!.ood.isOod).length;
    };
    expect(await oodCount(325)).toBeLessThan(5);
    expect(await oodCount(3000)).toBe(10);
    const one = await guarded(sounds[1]!);
    expect(one[0]!.ood).toEqual(many[1]![0]!.ood);
    await guarded.dispose();
    await pipe.dispose();
  });
});

describe('feature-extraction', () => {
  it('judges texts whatever pooling the caller asks for, padding left out', async () => {
    const pipe = await pipeline('feature-extraction', 'embedder', { dtype: 'fp32' });
    const model = path('embedder/onnx/model.onnx');
    const { manifest } = await fitPipelineGuard(pipe, {
      ...unlabeled,
      model,
      folder: path('embedder.guard'),
      train: texts('train', 200),
      calibration: texts('calibration', 100),
    });
    expect(manifest).toMatchObject({
      classes: null,
      origin: { layer: 'last_hidden_state', pooling: 'mean' },
    });
    const guarded = await guardPipeline(pipe, { model, guard: path('embedder.guard') });
    const batch = [...texts('new', 2), ...outOfScope('new', 2), 'book'];
    const plain = await guarded(batch);
    const pooled = await guarded(batch, { pooling: 'mean', normalize: true });
    expect(plain.tolist()).toEqual((await pipe(batch)).tolist());
    expect(pooled.tolist()).toEqual((await pipe(batch, { pooling: 'mean', normalize: true })).tolist());
    expect(plain.ood.map(({ isOod }) => isOod).slice(0, 4)).toEqual([false, false, true, true]);
    expect(pooled.ood).toEqual(plain.ood);
    // Alone there is no padding.
    const [alone] = (await guarded('book')).ood;
    expect(alone!.score).toBeCloseTo(plain.ood[4]!.score, 3);
    await guarded.dispose();
    // The session is the pipeline's own.
    expect((await pipe('book')).dims).toEqual([1, 3, 16]);
    await pipe.dispose();
  });
});

describe('image-feature-extraction', () => {
  it('judges the pooled output, whether or not it is asked for', async () => {
    const pipe = await pipeline('image-feature-extraction', 'color-embedder', { dtype: 'fp32' });
    const model = path('color-embedder/onnx/model.onnx');
    const { manifest } = await fitPipelineGuard(pipe, {
      ...unlabeled,
      model,
      folder: path('image-embedder.guard'),
      train: red('train', 120),
      calibration: red('calibration', 80),
    });
    expect(manifest.origin).toMatchObject({ layer: 'pooler_output' });
    const guarded = await guardPipeline(pipe, { model, guard: path('image-embedder.guard') });
    const images = [...red('new', 2), foreign('new')];
    const tensor = await guarded(images);
    expect(tensor.tolist()).toEqual((await pipe(images)).tolist());
    expect(tensor.ood.map(({ isOod }) => isOod)).toEqual([false, false, true]);
    expect((await guarded(images, { pool: true })).ood).toEqual(tensor.ood);
    await guarded.dispose();
    await pipe.dispose();
  });
});

describe('models', () => {
  it.each([
    ['fp16', 'model_fp16.onnx'],
    ['q8', 'model_quantized.onnx'],
  ] as const)('of dtype %s give the same output with a guard', async (dtype, file) => {
    const pipe = await pipeline('text-classification', 'intents', { dtype });
    const model = path('intents/onnx', file);
    await fitPipelineGuard(pipe, {
      ...quick,
      model,
      folder: path(`${dtype}.guard`),
      train: texts('train', 150),
      calibration: texts('calibration', 80),
    });
    const guarded = await guardPipeline(pipe, { model, guard: path(`${dtype}.guard`) });
    const batch = [...texts('new', 3), ...outOfScope('new', 2)];
    const results = await guarded(batch);
    const own = await pipe(batch);
    expect(results.map(({ label }) => label)).toEqual(own.map(({ label }) => label));
    // On a CPU the engine computes half floats as floats, and rounds where the features leave the graph.
    const digits = dtype === 'fp16' ? 3 : 9;
    results.forEach(({ score }, i) => {
      expect(score).toBeCloseTo(own[i]!.score, digits);
    });
    expect(results.map(({ ood }) => ood.isOod).slice(3)).toEqual([true, true]);
    await guarded.dispose();
    await pipe.dispose();
  });

  it('whose weights are in a file of their own are read with it', async () => {
    await writeExternalModel(path());
    const pipe = await pipeline('text-classification', 'external', {
      dtype: 'fp32',
      use_external_data_format: true,
    });
    const model = path('external/onnx/model.onnx');
    const { manifest } = await fitPipelineGuard(pipe, {
      ...quick,
      model,
      folder: path('external.guard'),
      train: texts('train', 150),
      calibration: texts('calibration', 80),
    });
    expect(manifest.origin!.model).toMatch(/^[0-9a-f]{64}$/);
    const guarded = await guardPipeline(pipe, { model, guard: path('external.guard') });
    const [result] = await guarded('book a flight');
    const [own] = await pipe('book a flight');
    expect(result).toMatchObject(own!);
    await guarded.dispose();
    await pipe.dispose();
  });
});
