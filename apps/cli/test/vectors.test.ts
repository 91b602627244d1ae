import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DenseArray, encodeNpy } from '@ood/core';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';

let cwd = '';
const run = async (...args: string[]) => {
  const { io, written } = memoryIo({ cwd });
  return { code: await main(args, io), ...written };
};
const writeNpy = (path: string, array: DenseArray) => writeFile(path, encodeNpy(array));

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-vectors-'));
  await mkdir(join(cwd, 'train'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

describe('a guard of vectors alone', () => {
  it('is made without a model, and judges rows by score and check alike', async () => {
    // Rows that hang together; among the new ones, every second breaks that.
    const rows = (from: number, count: number, breaks = false) =>
      Float32Array.from({ length: count * 4 }, (_, i) => {
        const row = Math.floor(i / 4);
        const common = Math.sin((from + row) ** 2);
        const sign = breaks && row % 2 === 1 && i % 4 === 1 ? -1 : 1;
        return sign * common * [1, -1, 0.5, 2][i % 4]! + 0.05 * Math.sin((from + i) ** 2 * 1.7) + 0.1;
      });
    await writeNpy(join(cwd, 'id.npy'), { shape: [300, 4], data: rows(0, 300) });
    await writeNpy(join(cwd, 'unseen.npy'), { shape: [100, 4], data: rows(5000, 100) });
    await writeNpy(join(cwd, 'rows.npy'), { shape: [20, 4], data: rows(9000, 20, true) });
    await writeNpy(join(cwd, 'wide.npy'), { shape: [2, 5], data: new Float32Array(10) });
    const made = await run(
      ...['fit', '--features', 'id.npy', '--calibrate', 'unseen.npy'],
      ...['--detector', 'knn', '--out', 'rows.guard'],
    );
    expect(made).toMatchObject({ code: EXIT.ok, stdout: expect.stringContaining('none: vectors') });
    const guard = ['--guard', 'rows.guard', '--features'];
    const scored = await run('score', ...guard, 'rows.npy', '--out', 'rows.csv');
    expect(scored).toMatchObject({
      code: EXIT.ok,
      stdout: expect.stringMatching(/of 20 vectors called OOD/),
    });
    const lines = parse(await readFile(join(cwd, 'rows.csv'), 'utf8'), { columns: true }) as {
      id: string;
      is_ood: string;
      score: string;
    }[];
    expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
    const mean = (odd: number) =>
      lines.filter((_, i) => i % 2 === odd).reduce((sum, { score }) => sum + Number(score), 0);
    expect(mean(1)).toBeGreaterThan(2 * mean(0));
    const checked = await run('check', ...guard, 'rows.npy', '--json');
    const { images } = JSON.parse(checked.stdout);
    expect(images.map(({ verdict }: { verdict: { isOod: boolean } }) => (verdict.isOod ? '1' : '0'))).toEqual(
      lines.map(line => line.is_ood),
    );
    const wide = await run('score', ...guard, 'wide.npy', '--out', 'x.csv');
    expect(wide.stderr).toContain('wide.npy: expected rows of 4 numbers, as the guard takes, got 5');
    const both = await run('check', ...guard, 'rows.npy', 'a.png');
    expect(both).toMatchObject({ code: EXIT.usage });
    const without = await run('fit', '--images', 'train', '--out', 'never');
    expect(without.stderr).toContain('expected --model, which makes features of images');
  });

  it('of one number each is made by a detector that does not normalize, and errors lead there', async () => {
    const one = (from: number, count: number) =>
      Float32Array.from({ length: count }, (_, i) => 2 + Math.sin((from + i) ** 2));
    await writeNpy(join(cwd, 'one.npy'), { shape: [300, 1], data: one(0, 300) });
    await writeNpy(join(cwd, 'one-more.npy'), { shape: [100, 1], data: one(5000, 100) });
    const labeled = ['x,label', ...[...one(0, 300)].map(value => `${value},0`), ''].join('\n');
    await writeFile(join(cwd, 'one.csv'), labeled);
    const fit = (features: string, ...args: string[]) =>
      run('fit', '--features', features, '--calibrate', 'one-more.npy', '--out', 'one.guard', ...args);
    const normalizing = await fit('one.npy');
    expect(normalizing.stderr).toContain('take a --detector that does not normalize: mahalanobis');
    const without = await fit('one.npy', '--detector', 'mahalanobis');
    expect(without.stderr).toContain('where there are no classes, label every row 0');
    const made = await fit('one.csv', '--detector', 'mahalanobis');
    expect(made).toMatchObject({ code: EXIT.ok, stdout: expect.stringMatching(/vectors +1 number a row/) });
    expect(made.stdout).not.toContain('may catch little');
    await writeNpy(join(cwd, 'far.npy'), { shape: [2, 1], data: Float32Array.of(2, 40) });
    const { images } = JSON.parse(
      (await run('check', '--guard', 'one.guard', '--features', 'far.npy', '--json')).stdout,
    );
    expect(images.map(({ verdict }: { verdict: { isOod: boolean } }) => verdict.isOod)).toEqual([
      false,
      true,
    ]);
  });

  it('says what a detector reads that rows alone do not have', async () => {
    const { stderr } = await run('fit', '--features', 'id.npy', '--detector', 'react', '--out', 'never');
    expect(stderr).toContain('give the --model that the features come from');
    const typo = await run('fit', '--features', 'id.npy', '--detector', 'enregy', '--out', 'never');
    expect(typo.stderr).toContain('did you mean energy?');
  });
});
