import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRandom, isOodError } from '@ood/core';
import { nodeRuntime } from '@ood/onnx/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrainingEngine } from '../../src/engine/training-engine.ts';
import { type FitOptions, fde, glow, type LabeledMatrix, type Preset, realNvp } from '../../src/index.ts';
import { checkpointFile } from '../../src/training/checkpoint-file.ts';
import { trainPreset } from '../../src/training/train-preset.ts';
import { initialState } from '../../src/training/training-state.ts';
import { bytesOf, clusters } from '../support/rows.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flows-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const script = new URL('../children/train-to-checkpoint.ts', import.meta.url).pathname;

interface Line {
  readonly done?: number;
  readonly weights?: string;
  readonly history?: unknown;
  readonly error?: Record<string, string>;
}

interface Disturbance {
  /** Kills (-9) after that many steps. */
  readonly killAt?: number;
  /** Milliseconds between that step and the end. */
  readonly delay?: number;
  /** Shell commands beforehand, e.g. `ulimit -f 64`. */
  readonly limits?: string;
}

/** Runs the child and disturbs it. Returns its last line and first step. */
async function run(path: string, { killAt, delay = 0, limits = ':' }: Disturbance = {}) {
  const command = `${limits}; exec "$0" --conditions=@ood/source --import tsx "$@"`;
  const child = spawn('bash', ['-c', command, process.execPath, script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = new Promise<NodeJS.Signals | null>(resolve =>
    child.on('exit', (_, signal) => resolve(signal)),
  );
  let first: number | undefined;
  let last: Line = {};
  for await (const line of createInterface({ input: child.stdout })) {
    last = JSON.parse(line);
    first ??= last.done;
    if (killAt !== undefined && last.done === first! + killAt) setTimeout(() => child.kill('SIGKILL'), delay);
  }
  return { first, last, signal: await exit };
}

/** When training is killed, each time from where it went on: steps later, and ms after that. `OOD_CHAOS=all`: many times. */
const random = createRandom(1, 'kills');
const KILLS: readonly (readonly [number, number])[] =
  process.env.OOD_CHAOS === 'all'
    ? Array.from({ length: 30 }, () => [1 + random.below(7), 3 * random.uniform()])
    : [[41, 0.3]];

it('killed at any moment, training resumes and ends with the bytes of an undisturbed run', {
  timeout: process.env.OOD_CHAOS === 'all' ? 3_600_000 : 240_000,
}, async () => {
  const path = join(folder, 'run.checkpoint');
  const undisturbed = run('');
  for (const [killAt, delay] of KILLS) {
    const { signal, last } = await run(path, { killAt, delay });
    expect(signal).toBe('SIGKILL');
    expect(last.weights).toBeUndefined();
  }
  const resumed = await run(path);
  expect(resumed.first).toBeGreaterThan(35);
  expect(resumed.signal).toBeNull();
  expect(resumed.last.weights).toHaveLength(64);
  expect(resumed.last).toEqual((await undisturbed).last);
});

it('a full disk ends training with what to do, and the last checkpoint is as good as ever', {
  timeout: 240_000,
}, async () => {
  const path = join(folder, 'run.checkpoint');
  await run(path, { killAt: 10 });
  const before = await readFile(path);
  const { last } = await run(path, { limits: 'ulimit -f 8' });
  expect(last.error).toMatchObject({ code: 'DISK_FULL', kind: 'environment', where: path });
  expect(last.error!.advice).toContain('training goes on from the last checkpoint');
  expect(await readdir(folder)).toEqual(['run.checkpoint']);
  expect(await readFile(path)).toEqual(before);
  expect((await run(path)).last.weights).toHaveLength(64);
});

describe('a checkpoint', () => {
  const rows = clusters({ rows: 100, cols: 4, seed: 5 });
  const preset = glow({ blocks: 1 });
  const train = (path: string, options: FitOptions = {}, source = rows) =>
    trainPreset(preset, source, {
      batchSize: 20,
      learningRate: 1e-3,
      epochs: 2,
      threads: 1,
      validationFraction: 0.1,
      checkpoint: { path },
      runtime: nodeRuntime,
      ...options,
    });

  it('that cannot be written is refused before the first step', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'not a folder');
    const onProgress = () => expect.unreachable();
    await expect(train(join(file, 'a.checkpoint'), { onProgress })).rejects.toMatchObject({
      code: 'NOT_A_FOLDER',
      where: join(file, 'a.checkpoint'),
    });
    await expect(train(folder, { onProgress })).rejects.toMatchObject({ code: 'NOT_A_FILE' });
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('of a finished run gives its result at once', async () => {
    const path = join(folder, 'a', 'b.checkpoint');
    const first = await train(path);
    let steps = 0;
    const again = await train(path, { onProgress: () => void steps++ });
    expect(steps).toBe(0);
    expect(bytesOf(again.weights)).toBe(bytesOf(first.weights));
    expect(again.history).toEqual(first.history);
    expect(await readdir(join(folder, 'a'))).toEqual(['b.checkpoint']);
  });

  it('leaves only whole files when aborted, and is resumed from', async () => {
    const path = join(folder, 'a.checkpoint');
    const abort = new AbortController();
    const aborted = train(path, {
      epochs: 50,
      signal: abort.signal,
      onProgress: p => p.done === 20 && abort.abort(),
    });
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(folder)).toEqual(['a.checkpoint']);
    const resumed = await train(path, { epochs: 50 });
    expect(bytesOf(resumed.weights)).toBe(bytesOf((await train(join(folder, 'b'), { epochs: 50 })).weights));
  });

  it.each([
    ['seed', { seed: 2 }, rows, 'settings'],
    ['learning rate', { learningRate: 1e-4 }, rows, 'settings'],
    ['thread count', { threads: 2 }, rows, 'threads'],
    ['engine', { engine: 'tfjs' } as const, rows, 'engine'],
    ['rows', {}, clusters({ rows: 100, cols: 4, seed: 6 }), 'rows'],
    ['order of columns', {}, { ...rows, data: rows.data.map((_, i, all) => all[i ^ 1]!) }, 'rows'],
  ])('of another %s is refused', async (_, options, source, what) => {
    const path = join(folder, 'a.checkpoint');
    await train(path);
    const failure = await train(path, options, source).catch((error: unknown) => error);
    expect(isOodError(failure) && failure.code).toBe('BAD_CHECKPOINT');
    expect((failure as Error).message).toContain(`${path}: expected ${what}`);
  });

  it.each<[string, Preset, Preset, LabeledMatrix, string]>([
    ['another log-scale', fde({ bound: 2 }), fde({ bound: 3 }), rows, 'model.bijection.links.1.bound 3'],
    ['another metric', fde(), fde({ background: 0.5 }), rows, 'model.constants'],
    ['other classes', fde(), fde(), { ...rows, labels: rows.labels.toReversed() }, 'model.constants'],
    ['another preset', realNvp({ blocks: 1 }), glow({ blocks: 1 }), rows, 'model.preset "glow"'],
  ])('of a model with %s is refused', async (_, first, second, source, what) => {
    const path = join(folder, 'a.checkpoint');
    const options = { checkpoint: { path }, epochs: 1, threads: 1, runtime: nodeRuntime };
    await trainPreset(first, rows, options);
    const failure = await trainPreset(second, source, options).catch((error: unknown) => error);
    expect(isOodError(failure) && failure.code).toBe('BAD_CHECKPOINT');
    expect((failure as Error).message).toContain(`${path}: expected ${what}`);
  });

  it('is refused wherever a bit of it flips', async () => {
    const path = join(folder, 'a.checkpoint');
    const best = { p: { shape: [3], data: Float32Array.of(1, 2, 3) } };
    const read = async (kind: string) => (kind === 'value' ? best : {});
    const engine = { read, write: async () => undefined } as unknown as TrainingEngine;
    const identity = { rows: '1x1', settings: { seed: 1 } };
    const store = checkpointFile(path, identity);
    await store.save(engine, initialState(), { best });
    const bytes = await readFile(path);
    const wanted = await store.restore(engine);
    expect(wanted).toEqual({ state: initialState(), kept: { best } });
    // Seven bits on each time: every bit of a byte has its turn.
    for (let bit = 0; bit < 8 * bytes.length; bit += 7) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(path, altered);
      const read = await store.restore(engine).catch((error: unknown) => error);
      // Spaces behind the header count for nothing.
      if (read instanceof Error) expect(read).toMatchObject({ name: 'FlowsError', where: path });
      else expect(read).toEqual(wanted);
    }
  });

  it.each([
    ['cut in its arrays', (path: string) => shorten(path, 10), 'BAD_CHECKPOINT'],
    ['cut in its header', (path: string) => truncate(path, 40), 'BAD_CHECKPOINT'],
    ['empty', (path: string) => truncate(path, 0), 'BAD_CHECKPOINT'],
    ['of unreadable bytes', (path: string) => writeFile(path, Buffer.alloc(500, 7)), 'BAD_CHECKPOINT'],
    ['of a newer version', (path: string) => edit(path, '"version":"2"', '"version":"3"'), 'NEWER_VERSION'],
    ['of an older version', (path: string) => edit(path, '"version":"2"', '"version":"1"'), 'UNSUPPORTED'],
    [
      'of another program',
      (path: string) => edit(path, 'ood-flows-checkpoint', 'xxx-flows-checkpoint'),
      'FOREIGN_FILE',
    ],
  ])('%s is refused by name', async (_, damage, code) => {
    const path = join(folder, 'a.checkpoint');
    await train(path);
    await damage(path);
    const failure = await train(path).catch((error: unknown) => error);
    expect(isOodError(failure) && failure.code).toBe(code);
    expect((failure as Error).message).toContain(path);
  });
});

async function shorten(path: string, bytes: number): Promise<void> {
  await truncate(path, (await stat(path)).size - bytes);
}

async function edit(path: string, from: string, to: string): Promise<void> {
  const bytes = await readFile(path, 'latin1');
  expect(bytes).toContain(from);
  await writeFile(path, bytes.replace(from, to), 'latin1');
}
