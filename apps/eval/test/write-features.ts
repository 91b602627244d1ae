import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom, encodeNpy } from '@ood/core';
import { writeWholeFile } from '@ood/core/node';

/** Writes ready features of three classes and two OOD sets; logits too where asked. */
export async function writeFeatures(
  folder: string,
  { logits = false, shift = 3 }: { readonly logits?: boolean; readonly shift?: number } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const [dim, classes] = [6, 3];
  for (const [set, rows, away] of [
    ['id-train', 150, 0],
    ['id-test', 90, 0],
    ['ood-near', 80, shift / 2],
    ['ood-far', 70, shift],
  ] as const) {
    const random = createRandom(1, set);
    const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);
    const data = Float32Array.from({ length: rows * dim }, (_, i) => {
      const [row, col] = [Math.floor(i / dim), i % dim];
      return random.normal() + (col === labels[row] ? 6 : 1) + (col >= classes ? away : 0);
    });
    const write = (what: string, shape: number[], values: Float32Array | Int32Array) =>
      writeWholeFile(join(folder, `${set}.${what}.npy`), encodeNpy({ shape, data: values }));
    await write('features', [rows, dim], data);
    if (set.startsWith('id-')) await write('labels', [rows], labels);
    if (logits) {
      const values = Float32Array.from(
        { length: rows * classes },
        (_, i) => data[Math.floor(i / classes) * dim + (i % classes)]!,
      );
      await write('logits', [rows, classes], values);
    }
  }
}
