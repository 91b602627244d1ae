import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy } from '@ood/core';
import { fitDetector } from '@ood/detectors';
import { auroc } from '@ood/metrics';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkTask,
  type RunTaskOptions,
  readBenchmark,
  runTask,
  summarize,
  type Task,
} from '../src/index.ts';
import { writeFeatures } from './write-features.ts';

let base = '';
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'ood-run-'));
  await writeFeatures(join(base, 'plain'));
  await writeFeatures(join(base, 'logits'), { logits: true });
});
afterAll(() => rm(base, { recursive: true, force: true }));

const task = (change: object = {}): Task =>
  checkTask(
    {
      kind: 'ood-task',
      version: 1,
      name: 'test',
      backbones: [
        { name: 'plain', features: 'plain' },
        { name: 'logits', features: 'logits' },
      ],
      near: ['near'],
      detectors: ['mahalanobis++', { label: 'three neighbors', method: 'knn', options: { k: 3 } }, 'energy'],
      ...change,
    },
    'test',
  );
let runs = 0;
const newFolder = () => join(base, `run-${runs++}`);
const run = (given: Task, options: Partial<RunTaskOptions> = {}) =>
  runTask(given, { base, out: newFolder(), jobs: 0, ...options });

describe('a run', () => {
  it('in processes of their own gives what fitting and scoring by hand gives; a cell that fails costs no other', async () => {
    const made = await run(task(), { jobs: 2 });
    const summary = await summarize(made);
    const [plain, logits] = summary.backbones as [
      (typeof summary.backbones)[0],
      (typeof summary.backbones)[0],
    ];
    expect(plain.detectors.map(({ detector }) => detector)).toEqual(['mahalanobis++', 'three neighbors']);
    expect(plain.failures).toMatchObject([
      {
        backbone: 'plain',
        detector: 'energy',
        code: 'EMPTY_INPUT',
        reason: expect.stringContaining('logits of every set'),
      },
    ]);
    expect(logits.detectors).toHaveLength(3);
    expect(logits.classes).toBe(3);
    expect(logits.idAccuracy!.value).toBeGreaterThan(0.9);
    expect(plain.sets).toEqual([
      { name: 'near', group: 'near', rows: 80 },
      { name: 'far', group: 'far', rows: 70 },
    ]);

    const benchmark = await readBenchmark(join(base, 'plain'));
    const detector = await fitDetector('knn', benchmark.idTrain, { k: 3, threads: 1 });
    const id = await detector.score(benchmark.idTest);
    const [far] = benchmark.ood.filter(({ name }) => name === 'far');
    const expected = auroc(id, await detector.score(far!));
    await detector.close();
    const figures = plain.detectors[1]!;
    expect(figures.sets.far!.auroc.mean).toBe(expected);
    expect(figures.mean.far!.auroc.mean).toBe(expected);
    expect(figures.sets.far!.overSamples.low).toBeLessThan(expected);
    expect(figures.options).toEqual({ k: 3 });
    expect(figures.cost!.megabytes).toBeGreaterThan(0.001);
    // Two detectors on four sets: one is the best of each, the other is tested against it.
    for (const set of ['near', 'far']) {
      const ps = plain.detectors.map(({ sets }) => sets[set]!.p);
      expect(ps.filter(p => p === null)).toHaveLength(1);
    }
    expect(summary.ranking!.detectors).toHaveLength(2);
    expect(summary.ranking!.sets).toBe(4);
  });

  it('adds seeds and detectors to what is there, and computes nothing twice', async () => {
    const out = newFolder();
    const options = { out, only: { backbones: ['logits'] } };
    expect((await run(task({ detectors: ['energy'] }), options)).kept).toBe(0);
    const file = join(out, 'cells/logits/energy/seed-1.safetensors');
    const { mtimeMs } = await stat(file);
    const more = await run(task({ detectors: ['energy', 'knn'], seeds: 2 }), options);
    expect(more.kept).toBe(1);
    expect((await stat(file)).mtimeMs).toBe(mtimeMs);
    expect(more.backbones[0]!.cells.map(({ detector, seed }) => `${detector} ${seed}`)).toEqual([
      'energy 1',
      'knn 1',
      'knn 2',
    ]);
    expect((await summarize(more)).backbones[0]!.detectors[1]!.sets.far!.auroc.plusMinus).toBeCloseTo(0, 6);
    await expect(run(task(), { ...options, overwrite: 'never' })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    expect((await run(task({ detectors: ['energy'] }), { ...options, overwrite: 'always' })).kept).toBe(0);
    expect((await stat(file)).mtimeMs).not.toBe(mtimeMs);
  });

  it('measures anew what was damaged, and what was measured on other features, options or rows', async () => {
    const out = newFolder();
    const features = join(base, 'changing');
    await writeFeatures(features);
    const given = (k: number) =>
      task({
        backbones: [{ name: 'net', features: 'changing' }],
        detectors: [{ label: 'knn', method: 'knn', options: { k } }],
      });
    const once = async (k: number, options: Partial<RunTaskOptions> = {}) => {
      const { kept, backbones } = await run(given(k), { out, ...options });
      const [cell] = backbones[0]!.cells;
      return { kept, far: [...cell!.scores.ood.far!] };
    };
    const first = await once(3);
    expect(await once(3)).toEqual({ kept: 1, far: first.far });
    const other = await once(5);
    expect(other.kept).toBe(0);
    expect(other.far).not.toEqual(first.far);
    expect((await once(5, { limit: 40 })).far).toHaveLength(40);
    await writeFile(join(out, 'cells/net/knn/seed-1.safetensors'), 'torn');
    expect(await once(3)).toEqual({ kept: 0, far: first.far });
    await writeFeatures(features, { shift: 4 });
    const moved = await once(3);
    expect(moved.kept).toBe(0);
    expect(moved.far).not.toEqual(first.far);
  });

  it('goes on without a backbone that is not there, and says how one makes it', async () => {
    const sets = { idTrain: { folder: 'a' }, idTest: { folder: 'b' }, ood: [{ name: 'far', folder: 'c' }] };
    const away = { name: 'away', model: { file: 'm.onnx', howTo: 'export it' }, preprocess: 'cifar' };
    const made = await run(
      task({ sets, backbones: [away, { name: 'logits', features: 'logits' }], detectors: ['energy'] }),
    );
    expect(made.missing).toMatchObject([
      {
        backbone: 'away',
        code: 'FILE_NOT_FOUND',
        reason: expect.stringMatching(/m\.onnx.*no such file; export it/),
      },
    ]);
    expect(made.backbones).toHaveLength(1);
    await expect(run(task({ sets, backbones: [away] }))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('judges scores of other libraries beside its own, from CSV and .npz, and refuses those that do not fit', async () => {
    const mine = await run(task({ detectors: ['mahalanobis++'] }), { only: { backbones: ['plain'] } });
    const [cell] = mine.backbones[0]!.cells;
    const { idTest, ood } = cell!.scores;
    const sets = [
      ['id-test', idTest],
      ['ood-near', ood.near!],
      ['far', ood.far!],
    ] as const;
    const lines = sets.flatMap(([set, values]) => [...values].map(value => `${set},${value}`));
    const csv = join(base, 'theirs.csv');
    await writeFile(csv, `set,score\n${lines.join('\n')}\n`);
    const scores = [{ label: 'theirs', path: csv, backbone: 'plain' }];
    const both = await run(task({ detectors: ['mahalanobis++'] }), { scores });
    const { detectors } = (await summarize(both)).backbones[0]!;
    expect(detectors.map(({ detector }) => detector)).toEqual(['mahalanobis++', 'theirs']);
    expect(detectors[1]!.sets).toEqual({
      far: { ...detectors[0]!.sets.far, p: expect.toBeOneOf([null, 1]) },
      near: { ...detectors[0]!.sets.near, p: expect.toBeOneOf([null, 1]) },
    });
    expect(detectors[1]!.cost).toBeNull();

    const npz = join(base, 'theirs.npz');
    const files = sets.map(([set, data]) => [`${set}.npy`, encodeNpy({ shape: [data.length], data })]);
    await writeFile(npz, zipSync(Object.fromEntries(files)));
    const same = await run(task({ detectors: ['mahalanobis++'] }), {
      scores: [{ ...scores[0]!, path: npz }],
    });
    expect(same.backbones[0]!.cells[1]!.scores).toEqual(cell!.scores);

    const refused = async (text: string, given = {}) => {
      await writeFile(csv, text);
      return run(task({ detectors: ['mahalanobis++'] }), { scores: [{ ...scores[0]!, ...given }] });
    };
    const whole = `set,score\n${lines.join('\n')}\n`;
    await expect(refused(whole.replace(/far,.*\n/g, ''))).rejects.toThrow(
      /scores of ood-far, got only of id-test, ood-near/,
    );
    await expect(refused(whole.replace(/far,.*\n/, ''))).rejects.toThrow(
      /set far: expected 70 finite scores, one a row, got 69/,
    );
    await expect(refused(whole.replace(/far,.*\n/, 'far,NaN\n'))).rejects.toThrow(
      /a finite number as score in row 171, got "NaN"/,
    );
    await expect(refused(`${whole}fra,1\n`)).rejects.toThrow(/got also of fra/);
    await expect(refused('a,b\n1,2\n')).rejects.toThrow(/the columns set and score, got a, b/);
    await expect(refused(whole, { backbone: undefined })).rejects.toThrow(/one of plain, logits, got none/);
    await expect(refused(whole, { label: 'mahalanobis++' })).rejects.toThrow(
      /a name that no detector of the task has/,
    );
  });

  it('joins further layers of a model; what reads the head reads the features alone', async () => {
    const glyphs = (set: string) => ({ glyphs: set, limit: 30 });
    const net = { model: { glyphs: true }, preprocess: 'mnist' };
    const given = task({
      backbones: [
        { name: 'one', ...net },
        { name: 'several', ...net, layers: 'stage-ends' },
      ],
      near: undefined,
      sets: {
        idTrain: { glyphs: 'train', limit: 150 },
        idTest: glyphs('test'),
        ood: [{ name: 'noise', ...glyphs('ood/noise') }],
      },
      detectors: ['react', 'knn'],
    });
    const { backbones } = await summarize(await run(given));
    const [one, several] = backbones.map(({ detectors }) =>
      detectors.map(({ sets }) => sets.noise!.auroc.mean),
    );
    expect(several![0]).toEqual(one![0]);
    expect(several![1]).not.toEqual(one![1]);
  });

  it('refuses what a task has not', async () => {
    await expect(run(task(), { only: { detectors: ['knnn'] } })).rejects.toThrow(
      /only: expected detectors of the task: mahalanobis\+\+, three neighbors, energy, got knnn/,
    );
    await expect(run(task({ near: ['nearby'] }))).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('ends when it is aborted, and leaves only whole files', async () => {
    const controller = new AbortController();
    const out = newFolder();
    const running = run(task(), {
      out,
      signal: controller.signal,
      onProgress: event => {
        if (event.stage === 'measure' && event.done === 1) controller.abort();
      },
    });
    await expect(running).rejects.toBeDefined();
    const files = (await readdir(join(out, 'cells'), { recursive: true })).filter(file =>
      file.includes('seed-'),
    );
    for (const file of files) expect(file).toMatch(/seed-1\.(safetensors|failed\.json)$/);
    const { backbones, kept } = await run(task(), { out });
    expect(kept).toBeGreaterThan(0);
    expect(backbones.flatMap(({ cells }) => cells)).toHaveLength(5);
    expect(JSON.parse(await readFile(join(out, 'cells/plain/energy/seed-1.failed.json'), 'utf8')).code).toBe(
      'EMPTY_INPUT',
    );
  });
});
