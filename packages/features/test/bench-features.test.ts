import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy } from '@ood/core';
import { describe, expect, test } from 'vitest';
import { extract, openBackbone, type Preprocessing, preset, toMatrix } from '../src/index.ts';
import { streamed } from './samples.ts';
import { tarSamples } from './tar.ts';

const bench = process.env.OOD_BENCH;
const reason = !bench ? 'OOD_BENCH is not set' : existsSync(bench) ? null : `${bench} does not exist`;

const matrixIn = async (path: string) => toMatrix(decodeNpy(await readFile(path), path), path);

const cifar = preset('imagenet', {
  resize: { kind: 'shorter-side', size: 32, rounding: 'round' },
  filter: 'bicubic',
  crop: { width: 32, height: 32, rounding: 'floor' },
});
const mobilenet = preset('imagenet', {
  resize: { kind: 'shorter-side', size: 256, rounding: 'round' },
  crop: { width: 224, height: 224, rounding: 'floor' },
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
});

/** A sample of the images: all of them take minutes and show no more. */
const EVERY = 4;

describe.skipIf(reason)(`features of the real benchmarks${reason ? ` (skipped: ${reason})` : ''}`, () => {
  test.each<[string, string, string, Preprocessing]>([
    ['cifar10-resnet20', 'id-test', 'id-test', cifar],
    ['cifar10-resnet20', 'ood-mnist', 'ood-mnist', cifar],
    ['cifar10-resnet20', 'ood-tinyimagenet', 'ood-tinyimagenet', cifar],
    ['cifar10-resnet20', 'ood-dtd', 'ood-dtd', cifar],
    ['imagenette-mobilenet', 'id-test', 'id-test-200', mobilenet],
    ['imagenette-mobilenet', 'ood-dtd', 'ood-dtd-100', mobilenet],
  ])(
    '%s %s: within 1e-3 of what Pillow and onnxruntime gave in Python',
    async (benchmark, set, archive, preprocessing) => {
      const folder = join(bench!, benchmark);
      const all = await tarSamples(join(folder, 'images', `${archive}.tar`));
      const samples = all.filter((_, i) => i % EVERY === 0);
      const stored = await matrixIn(join(folder, 'features', `${set}.features.npy`));
      const storedLogits = await matrixIn(join(folder, 'features', `${set}.logits.npy`));
      const rowsFile = join(folder, 'images', 'rows.json');
      const rows: number[] = existsSync(rowsFile)
        ? JSON.parse(await readFile(rowsFile, 'utf8'))[archive]
        : [...all.keys()];
      const backbone = await openBackbone(join(folder, 'model.onnx'), { threads: 1 });
      const { features, logits, failures } = await extract(backbone, streamed(samples), { preprocessing });
      await backbone.close();
      expect(failures).toEqual([]);
      expect(rows.length).toBe(all.length);
      expect(features.rows).toBe(samples.length);
      samples.forEach((_, i) => {
        const row = rows[i * EVERY]!;
        expect(relative(features, i, stored, row), samples[i]!.id).toBeLessThan(1e-3);
        // The stored logits are half floats.
        expect(relative(logits!, i, storedLogits, row), samples[i]!.id).toBeLessThan(2e-3);
      });
    },
    120_000,
  );
});

/** Relative L2 difference of two rows. */
function relative(
  a: ReturnType<typeof toMatrix>,
  i: number,
  b: ReturnType<typeof toMatrix>,
  j: number,
): number {
  let difference = 0;
  let size = 0;
  for (let c = 0; c < b.cols; c++) {
    difference += (a.data[i * a.cols + c]! - b.data[j * b.cols + c]!) ** 2;
    size += b.data[j * b.cols + c]! ** 2;
  }
  return Math.sqrt(difference / size);
}
