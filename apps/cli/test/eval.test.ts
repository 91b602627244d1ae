import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DenseArray, encodeNpy } from '@ood/core';
import { writeWholeFile } from '@ood/core/node';
import type { Results } from '@ood/eval';
import { EXIT } from '@ood/terminal';
import { memoryIo } from '@ood/terminal/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';

const writeNpy = (path: string, array: DenseArray) => writeWholeFile(path, encodeNpy(array));

let cwd: string;
const ROWS = 120;

/** Two classes on two axes; OOD sets lie between them and on a third axis. */
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ood-eval-'));
  await mkdir(join(cwd, 'features'));
  const centers: Record<string, (i: number) => number[]> = {
    'id-train': i => (i % 2 === 0 ? [3, 0, 0] : [0, 3, 0]),
    'id-test': i => (i % 2 === 0 ? [3, 0, 0] : [0, 3, 0]),
    'ood-between': () => [2, 2, 0],
    'ood-beyond': () => [0, 0, 3],
  };
  for (const [index, [set, center]] of Object.entries(centers).entries()) {
    const data = Float32Array.from({ length: ROWS * 3 }, (_, at) => {
      const row = Math.floor(at / 3);
      return center(row)[at % 3]! + 0.3 * Math.sin((at + 1) * (index + 2.5) * 1.7);
    });
    await writeNpy(join(cwd, 'features', `${set}.features.npy`), { shape: [ROWS, 3], data });
  }
  const labels = Int32Array.from({ length: ROWS }, (_, i) => i % 2);
  await writeNpy(join(cwd, 'features', 'id-train.labels.npy'), { shape: [ROWS], data: labels });
});
afterAll(() => rm(cwd, { recursive: true }));

const run = async (...args: string[]) => {
  const { io, written } = memoryIo({ cwd });
  return { code: await main(['eval', ...args], io), ...written };
};

describe('ood eval', () => {
  it('compares the detectors that the features allow and writes a report', async () => {
    const { code, stdout, stderr } = await run('features', '--near', 'between', '--out', 'run', '--json');
    expect(stderr).toBe('');
    expect(code).toBe(EXIT.ok);
    const { detectors }: Results = JSON.parse(stdout);
    expect(detectors.map(({ detector }) => detector)).toEqual(['FDE', 'Mahalanobis++', 'KNN']);
    expect(detectors[0]!.sets.map(({ set, group }) => [set, group])).toEqual([
      ['between', 'near'],
      ['beyond', 'far'],
    ]);
    for (const { mean } of detectors) expect(mean.far!.auroc).toBeGreaterThan(0.99);
    expect((await readdir(join(cwd, 'run'))).sort()).toEqual(['report.html', 'results.json']);
  });

  it('warns of rows that an OOD set shares with ID training, before it fits', async () => {
    const shared = join(cwd, 'shared');
    await mkdir(shared);
    for (const set of ['id-train', 'id-test', 'ood-between']) {
      await copyFile(join(cwd, 'features', `${set}.features.npy`), join(shared, `${set}.features.npy`));
    }
    await copyFile(join(cwd, 'features/id-train.features.npy'), join(shared, 'ood-copy.features.npy'));
    const { code, stderr } = await run('shared', '--detectors', 'knn', '--out', 'shared-run');
    expect(code).toBe(EXIT.ok);
    expect(stderr).toContain(`warning: ${ROWS} rows of copy are in id-train as well (equal features)`);
    expect(stderr).not.toContain('rows of between');
  });

  it('keeps what the other detectors found where one fails, says why, and fails', async () => {
    await mkdir(join(cwd, 'few'));
    for (const [index, set] of ['id-train', 'id-test', 'ood-a'].entries()) {
      for (const part of ['features', 'logits']) {
        const data = Float32Array.from({ length: 16 }, (_, i) => Math.sin((i + 1) * (index + 2)));
        await writeNpy(join(cwd, 'few', `${set}.${part}.npy`), { shape: [8, 2], data });
      }
    }
    const { code, stdout, stderr } = await run('few', '--detectors', 'knn,msp', '--out', 'few-run');
    expect(code).toBe(EXIT.failed);
    expect(stderr).toContain(
      'error: ood eval: expected results of all 2 detectors, got none of KNN; the others are in the report',
    );
    expect(stderr).toMatch(/^failed: KNN: .*k/m);
    expect(stdout).toContain('MSP');
    expect(await readFile(join(cwd, 'few-run', 'report.html'), 'utf8')).toContain('KNN has no result');
  });

  it('is not ended by a detector that the features do not allow', async () => {
    const { code, stdout, stderr } = await run(
      ...['features', '--detectors', 'vim,knn,energy', '--out', 'misfits', '--json'],
    );
    expect(code).toBe(EXIT.failed);
    const { detectors, failures }: Results = JSON.parse(stdout);
    expect(detectors.map(({ detector }) => detector)).toEqual(['KNN']);
    expect(failures).toEqual([
      { detector: 'ViM', code: 'UNSUPPORTED', reason: expect.stringContaining('no classification head') },
      {
        detector: 'Energy',
        code: 'EMPTY_INPUT',
        reason: expect.stringContaining('expected logits of every'),
      },
    ]);
    expect(stderr).toContain('got none of ViM, Energy');
  });

  it.each([
    ['an unknown detector', ['features', '--detectors', 'mahalonobis'], EXIT.usage, 'expected one of'],
    [
      'a detector on logits without logits',
      ['features', '--detectors', 'energy'],
      EXIT.failed,
      'expected logits of every set',
    ],
    [
      'a detector that reads the head',
      ['features', '--detectors', 'vim'],
      EXIT.failed,
      'no classification head',
    ],
    [
      'a folder that is not there',
      ['nowhere'],
      EXIT.usage,
      'expected a folder of features, got no such file or folder',
    ],
    ['a near set that is not there', ['features', '--near', 'x'], EXIT.usage, 'among between, beyond, got x'],
    ['an empty name', ['features', '--near', 'a,,b'], EXIT.usage, 'separated by commas'],
  ])('refuses %s', async (_what, args, code, message) => {
    const result = await run(...args);
    expect(result.stderr).toContain(message);
    expect([result.code, result.stdout]).toEqual([code, '']);
  });
});
