import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nodeRuntime } from '@ood/onnx/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FitOptions, glow, isFlowsError } from '../../src/index.ts';
import { trainPreset } from '../../src/training/train-preset.ts';
import { bytesOf, clusters } from '../support/rows.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flows-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const script = new URL('../children/train-to-checkpoint.ts', import.meta.url).pathname;

interface Line {
  readonly step?: number;
  readonly weights?: string;
  readonly history?: unknown;
}

/** Runs the child; kills it (-9) `delay` ms after it took `killAt` more steps. Returns its last line and first step. */
async function run(path: string, killAt = Number.POSITIVE_INFINITY, delay = 0) {
  const child = spawn(process.execPath, ['--conditions=@ood/source', '--import', 'tsx', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = new Promise<NodeJS.Signals | null>(resolve =>
    child.on('exit', (_, signal) => resolve(signal)),
  );
  let first: number | undefined;
  let last: Line = {};
  for await (const line of createInterface({ input: child.stdout })) {
    last = JSON.parse(line);
    first ??= last.step;
    if (last.step === first! + killAt) setTimeout(() => child.kill('SIGKILL'), delay);
  }
  return { first, last, signal: await exit };
}

it('killed at any moment, training resumes and ends with the bytes of an undisturbed run', {
  timeout: 240_000,
}, async () => {
  const path = join(folder, 'run.checkpoint');
  const undisturbed = run('');
  for (const [killAt, delay] of [
    [2, 0],
    [19, 1],
    [41, 0.3],
  ] as const) {
    const { signal, last } = await run(path, killAt, delay);
    expect(signal).toBe('SIGKILL');
    expect(last.weights).toBeUndefined();
  }
  const resumed = await run(path);
  expect(resumed.first).toBeGreaterThan(45);
  expect(resumed.signal).toBeNull();
  expect(resumed.last.weights).toHaveLength(64);
  expect(resumed.last).toEqual((await undisturbed).last);
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
      onProgress: p => p.step === 20 && abort.abort(),
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
  ])('of another %s is refused', async (_, options, source, what) => {
    const path = join(folder, 'a.checkpoint');
    await train(path);
    const failure = await train(path, options, source).catch((error: unknown) => error);
    expect(isFlowsError(failure) && failure.code).toBe('BAD_CHECKPOINT');
    expect((failure as Error).message).toContain(`${path}: expected ${what}`);
  });

  it.each([
    ['cut in its arrays', (path: string) => shorten(path, 10), 'BAD_CHECKPOINT'],
    ['cut in its header', (path: string) => truncate(path, 40), 'BAD_CHECKPOINT'],
    ['empty', (path: string) => truncate(path, 0), 'BAD_CHECKPOINT'],
    ['of unreadable bytes', (path: string) => writeFile(path, Buffer.alloc(500, 7)), 'BAD_CHECKPOINT'],
    ['of a newer version', (path: string) => edit(path, '"version":"1"', '"version":"2"'), 'NEWER_FORMAT'],
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
    expect(isFlowsError(failure) && failure.code).toBe(code);
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
