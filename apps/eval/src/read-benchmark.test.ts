import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type DenseArray, encodeNpy } from '@ood/core';
import { writeWholeFile } from '@ood/core/node';
import { extractToStore } from '@ood/features';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBenchmark } from './read-benchmark.ts';

const writeNpy = (path: string, array: DenseArray) => writeWholeFile(path, encodeNpy(array));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-benchmark-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, dims: number[], values: ArrayLike<number>) =>
  writeNpy(join(folder, name), { shape: dims, data: Float32Array.from(values) });

async function writeSets(...names: string[]): Promise<void> {
  for (const name of names) await write(`${name}.features.npy`, [2, 2], [1, 2, 3, 4]);
}

it('reads every set of a folder, near ones first', async () => {
  await writeSets('id-train', 'id-test', 'ood-beyond', 'ood-close');
  await write('id-test.logits.npy', [2, 3], [1, 2, 3, 4, 5, 6]);
  await writeNpy(join(folder, 'id-train.labels.npy'), {
    shape: [2],
    data: Int32Array.of(0, 1),
  });
  const { idTrain, idTest, ood } = await readBenchmark(folder, { near: ['close'] });
  expect(ood.map(({ name, group }) => [name, group])).toEqual([
    ['close', 'near'],
    ['beyond', 'far'],
  ]);
  expect(idTrain.labels).toEqual(Int32Array.of(0, 1));
  expect(idTest.logits).toMatchObject({ rows: 2, cols: 3 });
  expect(idTest.features).toEqual({ rows: 2, cols: 2, data: Float32Array.of(1, 2, 3, 4) });
});

/** Stores of one row, [1, 2], with a class, as extraction writes them; `digit` stands for the model's SHA-256. */
async function writeStore(set: string, { digit = 'a', label }: { digit?: string; label?: number } = {}) {
  const backbone: Parameters<typeof extractToStore>[1] = {
    inputs: [{ name: 'x', type: 'float32', dims: [null, 2] }],
    run: async () => ({
      features: { rows: 1, cols: 2, data: Float32Array.of(1, 2) },
      logits: { rows: 1, cols: 3, data: Float32Array.of(3, 4, 5) },
    }),
    describe: () => ({ model: { sha256: digit.repeat(64) }, layer: 'f', pooling: 'none' }) as never,
  };
  const samples = {
    async *[Symbol.asyncIterator]() {
      yield { id: set, vector: Float32Array.of(0, 0), ...(label !== undefined && { label }) };
    },
  };
  await extractToStore(join(folder, `${set}.arrow`), backbone, samples);
}

describe('feature stores', () => {
  it('are read as files of .npy are, with logits and, where all rows have them, labels', async () => {
    await writeStore('id-train', { label: 2 });
    await writeStore('id-test');
    await writeStore('ood-far');
    await writeSets('ood-near');
    const { idTrain, idTest, ood } = await readBenchmark(folder, { near: ['near'] });
    expect(idTrain).toEqual({
      name: 'id-train',
      features: { rows: 1, cols: 2, data: Float32Array.of(1, 2) },
      logits: { rows: 1, cols: 3, data: Float32Array.of(3, 4, 5) },
      labels: Int32Array.of(2),
    });
    expect(idTest.labels).toBeUndefined();
    expect(ood.map(({ name, features }) => [name, features.rows])).toEqual([
      ['near', 2],
      ['far', 1],
    ]);
  });

  it('of another model than the training rows are refused', async () => {
    await writeStore('id-train');
    await writeStore('id-test');
    await writeStore('ood-far', { digit: 'b' });
    await expect(readBenchmark(folder)).rejects.toThrow(
      /ood-far\.arrow: expected features of the same model and preprocessing as in id-train\.arrow, got those of another model bytes/,
    );
  });

  it('beside .npy files of the same set are refused', async () => {
    await writeSets('id-train', 'id-test', 'ood-a');
    await writeStore('id-test');
    await expect(readBenchmark(folder)).rejects.toThrow('expected one file of features for id-test');
  });
});

it('reads labels as numpy writes them by default, int64', async () => {
  await writeSets('id-train', 'id-test', 'ood-a');
  await writeNpy(join(folder, 'id-test.labels.npy'), {
    shape: [2],
    data: BigInt64Array.of(3n, -1n),
  });
  expect((await readBenchmark(folder)).idTest.labels).toEqual(Int32Array.of(3, -1));
});

it('is named as its folder, or as told', async () => {
  await writeSets('id-train', 'id-test', 'ood-a');
  expect((await readBenchmark(join(folder, '.', 'x', '..'))).name).toBe(basename(folder));
  expect((await readBenchmark(folder, { name: 'CIFAR-10' })).name).toBe('CIFAR-10');
});

describe('a folder that is no benchmark', () => {
  it.each([
    ['without ID rows to fit on', ['id-test', 'ood-a'], {}, 'expected id-train.features.npy'],
    ['without OOD sets', ['id-train', 'id-test'], {}, 'at least one ood-<name>.features.npy'],
  ])('%s is refused', async (_what, sets, options, message) => {
    await writeSets(...sets);
    await expect(readBenchmark(folder, options)).rejects.toMatchObject({
      code: 'NOT_A_BENCHMARK',
      kind: 'input',
      message: expect.stringContaining(message),
    });
  });

  it('has other OOD sets than those named as near: a mistake of the call', async () => {
    await writeSets('id-train', 'id-test', 'ood-a');
    await expect(readBenchmark(folder, { near: ['b'] })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      kind: 'usage',
      message: expect.stringContaining('among a, got b'),
    });
  });

  it('whose labels are of other samples is refused', async () => {
    await writeSets('id-train', 'id-test', 'ood-a');
    await write('id-train.labels.npy', [3], [0, 1, 2]);
    await expect(readBenchmark(folder)).rejects.toMatchObject({
      code: 'WRONG_SHAPE',
      message: expect.stringContaining('expected 2 rows as in the features, got 3'),
    });
  });

  it('whose labels are no class indices is refused', async () => {
    await writeSets('id-train', 'id-test', 'ood-a');
    await write('id-train.labels.npy', [2], [0, 1.5]);
    await expect(readBenchmark(folder)).rejects.toMatchObject({
      message: expect.stringContaining('expected class indices from 0 (or −1 for none), got 1.5'),
    });
  });

  it.each([
    [
      'which is not there',
      'nowhere',
      'FILE_NOT_FOUND',
      'expected a folder of features, got no such file or folder',
    ],
    ['which is a file', 'id-train.features.npy', 'NOT_A_FOLDER', 'got a file in place of a folder'],
  ])('%s is refused', async (_what, name, code, message) => {
    await writeSets('id-train');
    await expect(readBenchmark(join(folder, name))).rejects.toMatchObject({
      code,
      kind: 'usage',
      message: expect.stringContaining(message),
    });
  });
});
