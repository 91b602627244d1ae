import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeNpy } from '@ood/features';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBenchmark } from './read-benchmark.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-benchmark-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, dims: number[], values: ArrayLike<number>) =>
  writeNpy(join(folder, name), { type: 'float32', dims, data: Float32Array.from(values) });

async function writeSets(...names: string[]): Promise<void> {
  for (const name of names) await write(`${name}.features.npy`, [2, 2], [1, 2, 3, 4]);
}

it('reads every set of a folder, near ones first', async () => {
  await writeSets('id-train', 'id-test', 'ood-beyond', 'ood-close');
  await write('id-test.logits.npy', [2, 3], [1, 2, 3, 4, 5, 6]);
  await writeNpy(join(folder, 'id-train.labels.npy'), {
    type: 'int32',
    dims: [2],
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

it('reads labels as numpy writes them by default, int64', async () => {
  await writeSets('id-train', 'id-test', 'ood-a');
  await writeNpy(join(folder, 'id-test.labels.npy'), {
    type: 'int64',
    dims: [2],
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
    [
      'with a near set that is not there',
      ['id-train', 'id-test', 'ood-a'],
      { near: ['b'] },
      'among a, got b',
    ],
  ])('%s is refused', async (_what, sets, options, message) => {
    await writeSets(...sets);
    await expect(readBenchmark(folder, options)).rejects.toMatchObject({
      code: 'NOT_A_BENCHMARK',
      message: expect.stringContaining(message),
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
    ['which is not there', 'nowhere', 'got nothing there'],
    ['which is a file', 'id-train.features.npy', 'got a file'],
  ])('%s is refused', async (_what, name, message) => {
    await writeSets('id-train');
    await expect(readBenchmark(join(folder, name))).rejects.toMatchObject({
      code: 'NOT_A_BENCHMARK',
      message: expect.stringContaining(message),
    });
  });
});
