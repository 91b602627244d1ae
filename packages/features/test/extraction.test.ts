import type { Tensor } from '@ood/onnx';
import { describe, expect, test } from 'vitest';
import {
  type ExtractOptions,
  type ExtractProgress,
  extract,
  extractBatches,
  type FeatureModel,
  preset,
  type Sample,
} from '../src/index.ts';
import { planeMeans } from './models.ts';
import { colors, png, small, streamed } from './samples.ts';

const options: ExtractOptions = { preprocessing: small, batchSize: 4 };
const broken = async (): Promise<Sample[]> => {
  const samples = await colors(6);
  samples[1] = { id: 'empty', bytes: new Uint8Array() };
  samples[3] = { id: 'text', bytes: new TextEncoder().encode('not an image') };
  samples[4] = { id: 'cut', bytes: (await png(9, 9, 9, 64)).subarray(0, 60) };
  return samples;
};

describe('extract', () => {
  test('gives features, logits, labels and ids in the order of the source', async () => {
    const result = await extract(planeMeans(), streamed(await colors(10)), options);
    expect(result.ids).toEqual(Array.from({ length: 10 }, (_, i) => `img/${i}`));
    expect([...result.labels]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
    expect(result.features).toMatchObject({ rows: 10, cols: 3 });
    expect(result.logits).toMatchObject({ rows: 10, cols: 2 });
    for (let i = 0; i < 10; i++) {
      expect(result.features.data[i * 3]).toBeCloseTo(i / 255, 6);
      expect(result.features.data[i * 3 + 1]).toBeCloseTo(100 / 255, 6);
    }
    expect(result.failures).toEqual([]);
  });

  test.each([1, 3, 7, 100])('batches of %i give the rows of one big batch', async batchSize => {
    const samples = streamed(await colors(11));
    const whole = await extract(planeMeans(), samples, { ...options, batchSize: 11 });
    const parts = await extract(planeMeans(), samples, { ...options, batchSize });
    expect(parts.features.data).toEqual(whole.features.data);
    expect(parts.ids).toEqual(whole.ids);
  });

  test('takes bytes, pixels and vectors', async () => {
    const samples: Sample[] = [
      { id: 'bytes', bytes: await png(255, 0, 51) },
      { id: 'pixels', pixels: { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 51) } },
      {
        id: 'vector',
        vector: Float32Array.from({ length: 192 }, (_, i) => [1, 0, 0.2][Math.floor(i / 64)]!),
      },
    ];
    const { features } = await extract(planeMeans(), streamed(samples), options);
    for (let row = 0; row < 3; row++)
      [1, 0, 0.2].forEach((value, c) => {
        expect(features.data[row * 3 + c]).toBeCloseTo(value, 6);
      });
  });

  test('skips unreadable images, and lists them with position and reason', async () => {
    const result = await extract(planeMeans(), streamed(await broken()), options);
    expect(result.ids).toEqual(['img/0', 'img/2', 'img/5']);
    expect([...result.indices]).toEqual([0, 2, 5]);
    expect(result.failures.map(({ index, id, code }) => [index, id, code])).toEqual([
      [1, 'empty', 'IMAGE_EMPTY'],
      [3, 'text', 'IMAGE_UNSUPPORTED'],
      [4, 'cut', 'IMAGE_CORRUPT'],
    ]);
    for (const failure of result.failures) expect(failure.reason).toMatch(/expected .* got .*;/);
  });

  test('fails at the first unreadable image where asked to, and names it', async () => {
    const run = extract(planeMeans(), streamed(await broken()), { ...options, onBadSample: 'fail' });
    await expect(run).rejects.toMatchObject({
      code: 'IMAGE_EMPTY',
      message: expect.stringContaining("'empty'"),
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses rows with features of %d', async value => {
    const model = planeMeans({
      change: row => {
        if (Math.abs(row[0]! - 2 / 255) < 1e-6) row[1] = value;
      },
    });
    const result = await extract(model, streamed(await colors(5)), options);
    expect(result.ids).toEqual(['img/0', 'img/1', 'img/3', 'img/4']);
    expect(result.failures).toMatchObject([{ index: 2, id: 'img/2', code: 'NON_FINITE' }]);
  });

  test('carries what else a model says of each row, in fields of its own', async () => {
    const model = planeMeans();
    const scoring: FeatureModel = {
      ...model,
      async run(batch) {
        const output = await model.run(batch);
        const { rows, cols, data } = output.features;
        const score = Float32Array.from({ length: rows }, (_, row) => 2 * data[row * cols]!);
        score.forEach((value, row) => {
          if (Math.abs(value - 4 / 255) < 1e-6) score[row] = Number.NaN;
        });
        return { ...output, extra: { score: { rows, cols: 1, data: score } } };
      },
    };
    const result = await extract(scoring, streamed(await colors(7)), { ...options, batchSize: 3 });
    expect(result.failures).toMatchObject([{ id: 'img/2', code: 'NON_FINITE' }]);
    expect(result.failures[0]!.reason).toContain('finite score');
    expect(result.features).toMatchObject({ rows: 6, cols: 3 });
    const { score } = result.extra!;
    expect(score).toMatchObject({ rows: 6, cols: 1 });
    for (let row = 0; row < 6; row++) expect(score!.data[row]).toBe(2 * result.features.data[row * 3]!);
  });

  test('shards are disjoint and together are everything', async () => {
    const samples = await colors(11);
    const parts = [];
    for (const index of [0, 1, 2])
      parts.push(await extract(planeMeans(), streamed(samples), { ...options, shard: { index, count: 3 } }));
    expect(parts.map(part => part.ids.length)).toEqual([4, 4, 3]);
    expect(parts.flatMap(part => [...part.indices]).sort((a, b) => a - b)).toEqual([...samples.keys()]);
  });

  test('a shard reads only its own samples where the source allows it', async () => {
    const samples = await colors(9);
    const read: number[] = [];
    const indexed = {
      ...streamed(samples),
      read: async (index: number) => {
        read.push(index);
        return samples[index]!;
      },
    };
    await extract(planeMeans(), indexed, { ...options, shard: { index: 1, count: 4 } });
    expect(read).toEqual([1, 5]);
  });

  test('fills up a model whose batch is fixed, and cuts the surplus', async () => {
    const rows: number[] = [];
    const model = planeMeans({ dims: [4, 3, 8, 8], onRun: n => void rows.push(n) });
    const result = await extract(model, streamed(await colors(6)), { preprocessing: small });
    expect(rows).toEqual([4, 4]);
    expect(result.ids).toHaveLength(6);
  });

  test('gives images of several sizes to a model that takes any', async () => {
    const model = planeMeans({ dims: ['n', 3, 'h', 'w'] });
    const samples = [await png(10, 0, 0, 5), await png(20, 0, 0, 5), await png(30, 0, 0, 9)];
    const { features } = await extract(model, streamed(samples.map((bytes, i) => ({ id: `${i}`, bytes }))), {
      preprocessing: { ...small, resize: { kind: 'none' } },
    });
    [10, 20, 30].forEach((red, row) => {
      expect(features.data[row * 3]).toBeCloseTo(red / 255, 6);
    });
  });

  test('reports progress by the clock it is given', async () => {
    const seen: ExtractProgress[] = [];
    let time = 0;
    await extract(planeMeans({ onRun: () => void (time += 2000) }), streamed(await broken()), {
      ...options,
      batchSize: 2,
      now: () => time,
      onProgress: progress => seen.push(progress),
    });
    expect(seen[0]).toEqual({
      stage: 'extracting',
      done: 3,
      total: 6,
      rows: 2,
      failures: 1,
      imagesPerSecond: 1.5,
      secondsLeft: 2,
    });
    expect(seen.at(-1)).toEqual({
      stage: 'extracting',
      done: 6,
      total: 6,
      rows: 3,
      failures: 3,
      imagesPerSecond: 1.5,
      secondsLeft: 0,
    });
  });

  test('gives no rates without a clock', async () => {
    const seen: ExtractProgress[] = [];
    await extract(planeMeans(), streamed(await colors(2)), { ...options, onProgress: p => seen.push(p) });
    expect(seen).toEqual([{ stage: 'extracting', done: 2, total: 2, rows: 2, failures: 0 }]);
  });

  test('stops when aborted, and releases the source', async () => {
    const controller = new AbortController();
    let released = false;
    const all = await colors(3);
    const endless = {
      async *[Symbol.asyncIterator]() {
        try {
          for (;;) yield all[0]!;
        } finally {
          released = true;
        }
      },
    };
    const run = (async () => {
      let batches = 0;
      for await (const _ of extractBatches(planeMeans(), endless, { ...options, signal: controller.signal }))
        if (++batches === 3) controller.abort();
    })();
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    expect(released).toBe(true);
  });

  test('stops when aborted even if the source is stuck', async () => {
    const controller = new AbortController();
    const all = await colors(2);
    const stuck = {
      async *[Symbol.asyncIterator]() {
        yield all[0]!;
        await new Promise(() => undefined);
        yield all[1]!;
      },
    };
    const run = extract(planeMeans(), stuck, { ...options, signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('passes on what is wrong with the source, after the rows before it', async () => {
    const all = await colors(6);
    const failing = {
      async *[Symbol.asyncIterator]() {
        yield* all;
        throw new Error('the disk is gone');
      },
    };
    let rows = 0;
    const run = (async () => {
      for await (const batch of extractBatches(planeMeans(), failing, { ...options, batchSize: 2 }))
        rows += batch.ids.length;
    })();
    await expect(run).rejects.toThrow('the disk is gone');
    expect(rows).toBeGreaterThanOrEqual(4);
  });

  test('leaves a model its input where that is handed on as features, and samples their vectors', async () => {
    const handsOn: FeatureModel = {
      inputs: [{ name: 'x', type: 'float32', dims: ['batch', 2] }],
      run: async batch => {
        const { dims, data } = batch as Tensor & { data: Float32Array };
        return { features: { rows: dims[0]!, cols: dims[1]!, data } };
      },
    };
    const samples = Array.from({ length: 7 }, (_, i) => ({ id: `${i}`, vector: Float32Array.of(i, -i) }));
    const { features } = await extract(handsOn, streamed(samples), { batchSize: 2 });
    expect([...features.data]).toEqual(samples.flatMap(({ vector }) => [...vector]));
    expect(samples.map(({ vector }) => vector[0])).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test.each([
    ['no', undefined],
    ['a', 1],
  ])('gives the same rows with %s core to spare beside the model', async (_, busyCores) => {
    const samples = streamed(await colors(40));
    const whole = await extract(planeMeans(), samples, { ...options, batchSize: 40 });
    const model = { ...planeMeans(), ...(busyCores && { busyCores }) };
    expect((await extract(model, samples, { ...options, batchSize: 7 })).features).toEqual(whole.features);
  });

  test('decodes ahead while the model runs, but only so far', async () => {
    let read = -1;
    const ahead: number[] = [];
    let rows = 0;
    const model = planeMeans({
      onRun: async n => {
        await new Promise(resolve => setTimeout(resolve, 20));
        ahead.push(read + 1 - rows);
        rows += n;
      },
    });
    await extract(
      model,
      streamed(await colors(60), index => void (read = index)),
      options,
    );
    expect(Math.max(...ahead)).toBeGreaterThan(4);
    expect(Math.max(...ahead)).toBeLessThanOrEqual(13);
  });
});

describe('what extraction refuses', () => {
  const one = async () => streamed(await colors(1));
  test.each<[string, () => Promise<unknown>, string, RegExp]>([
    [
      'an empty source',
      async () => extract(planeMeans(), streamed([]), options),
      'EMPTY_INPUT',
      /empty source/,
    ],
    [
      'a source without a readable image',
      async () => extract(planeMeans(), streamed([{ id: 'a', bytes: new Uint8Array() }]), options),
      'EMPTY_INPUT',
      /none of 1.*IMAGE_EMPTY/,
    ],
    [
      'images without a preprocessing',
      async () => extract(planeMeans(), await one(), {}),
      'INVALID_OPTION',
      /preset\('imagenet'\)/,
    ],
    [
      'a crop of another size than the model takes',
      async () => extract(planeMeans(), await one(), { preprocessing: preset('imagenet') }),
      'MODEL_INPUT_MISMATCH',
      /expected samples of shape \[3, 8, 8\], got \[3, 224, 224\]/,
    ],
    [
      'a wrong channel count',
      async () => extract(planeMeans({ dims: ['n', 1, 8, 8] }), await one(), options),
      'MODEL_INPUT_MISMATCH',
      /\[1, 8, 8\], got \[3, 8, 8\]/,
    ],
    [
      'a model of strings',
      async () => extract(planeMeans({ type: 'string' }), await one(), options),
      'MODEL_INPUT_MISMATCH',
      /got string/,
    ],
    [
      'a model of another element type',
      async () => extract(planeMeans({ type: 'uint8' }), await one(), options),
      'MODEL_INPUT_MISMATCH',
      /expected uint8, got float32/,
    ],
    [
      'a model of two inputs',
      async () => {
        const model = planeMeans();
        return extract({ ...model, inputs: [...model.inputs, ...model.inputs] }, await one(), options);
      },
      'MODEL_INPUT_MISMATCH',
      /expected one input, got 2/,
    ],
    [
      'a batch size against a fixed batch',
      async () => extract(planeMeans({ dims: [1, 3, 8, 8] }), await one(), options),
      'INVALID_OPTION',
      /batchSize 1/,
    ],
    [
      'a shard outside its count',
      async () => extract(planeMeans(), await one(), { ...options, shard: { index: 3, count: 3 } }),
      'INVALID_OPTION',
      /index 3 of 3/,
    ],
    [
      'pixels of another length than their size says',
      async () =>
        extract(
          planeMeans(),
          streamed([{ id: 'p', pixels: { width: 2, height: 2, channels: 3, data: new Uint8Array(5) } }]),
          { ...options, onBadSample: 'fail' },
        ),
      'SAMPLE_INVALID',
      /2×2×3/,
    ],
    [
      'a vector of the wrong length',
      async () =>
        extract(planeMeans(), streamed([{ id: 'v', vector: new Float32Array(5) }]), {
          ...options,
          onBadSample: 'fail',
        }),
      'MODEL_INPUT_MISMATCH',
      /got \[5\]/,
    ],
  ])('%s', async (_, run, code, message) => {
    await expect(run()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
