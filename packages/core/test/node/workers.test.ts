import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, describe, expect, it } from 'vitest';
import { isOodError } from '../../src/index.ts';
import { createWorkerClient, startWorker, type WorkerClient } from '../../src/node/index.ts';

type Request = { do: string; value?: unknown };

const start = () => startWorker(new URL('./children/answers-worker.js', import.meta.url));
let client: WorkerClient<Request>;
const open = (options: { restart?: boolean } = {}) =>
  (client = createWorkerClient<Request>({ start, where: 'the thread', advice: 'open it again', ...options }));
afterEach(() => client?.close());

describe('a worker client', () => {
  it('gets the answers to its requests, whatever their order', async () => {
    const { request } = open();
    const values = [1, 'two', { three: new Float32Array([3]) }, null, undefined];
    expect(await Promise.all(values.map(value => request({ do: 'echo', value })))).toEqual(values);
  });

  it('moves memory that is named', async () => {
    const data = new Float32Array(1000);
    const back = await open().request<Float32Array>({ do: 'echo', value: data }, { transfer: [data.buffer] });
    expect([data.length, back.length]).toEqual([0, 1000]);
  });

  it('gets errors with code, kind, parts, details and causes', async () => {
    const error = await open()
      .request({ do: 'throw' })
      .catch((thrown: unknown) => thrown);
    expect(isOodError(error, 'NO_HEAD')).toBe(true);
    expect(error).toMatchObject({
      name: 'CustomError',
      kind: 'input',
      message: 'model.onnx: expected a head, got none; name it',
      where: 'model.onnx',
      expected: 'a head',
      got: 'none',
      advice: 'name it',
      details: { names: ['a', 'b'], nested: { count: 2 } },
      stack: expect.stringContaining('answers-worker'),
      cause: {
        code: 'DISK_FULL',
        kind: 'environment',
        cause: { name: 'TypeError', message: 'deepest' },
      },
    });
    expect(isOodError((error as Error).cause, 'DISK_FULL')).toBe(true);
    expect(isOodError(((error as Error).cause as Error).cause)).toBe(false);
  });

  it('gets an error for what is thrown without one, and for an answer that cannot be sent', async () => {
    const { request } = open();
    await expect(request({ do: 'throw-text' })).rejects.toThrow('only words');
    await expect(request({ do: 'not-sendable' })).rejects.toThrow(/could not be cloned/);
    await expect(request({ do: 'echo', value: () => 0 })).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    expect(await request({ do: 'echo', value: 1 })).toBe(1);
  });

  it.each([
    ['exit', /its end with code 3/],
    ['crash', /a defect/],
  ])('rejects all open requests where the thread ends by %s, and all later ones', async (how, message) => {
    const { request } = open();
    const waiting = [request({ do: 'wait' }), request({ do: how })];
    for (const answer of waiting) {
      await expect(answer).rejects.toMatchObject({ code: 'WORKER_FAILED', kind: 'environment' });
      await expect(answer).rejects.toThrow(message);
    }
    await expect(request({ do: 'echo' })).rejects.toMatchObject({ code: 'WORKER_FAILED' });
  });

  it('starts another thread where it may', async () => {
    const { request } = open({ restart: true });
    await expect(request({ do: 'exit' })).rejects.toMatchObject({ code: 'WORKER_FAILED' });
    expect(await request({ do: 'echo', value: 1 })).toBe(1);
  });

  it('gives up one request, and tells its handler', async () => {
    const { request } = open();
    const controller = new AbortController();
    const waiting = request({ do: 'wait' }, { signal: controller.signal });
    await request({ do: 'echo' });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED', where: 'the thread' });
    expect(await request({ do: 'aborted' })).toBe(1);
    const late = request({ do: 'echo' }, { signal: controller.signal });
    await expect(late).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('refuses requests once it is closed, also those that are open', async () => {
    const { request, close } = open();
    const waiting = request({ do: 'wait' });
    const rejected = expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
    await close();
    await rejected;
    await expect(request({ do: 'echo' })).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

it('runs from built files, and keeps no process running while it is idle', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ood-worker-'));
  try {
    const url = (path: string) => fileURLToPath(new URL(path, import.meta.url));
    await build({
      entryPoints: {
        'answers-worker': url('./children/answers-worker.ts'),
        node: url('../../src/node/index.ts'),
      },
      outdir: folder,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(
      join(folder, 'main.js'),
      `import { createWorkerClient, startWorker } from './node.js';
       const start = () => startWorker(new URL('./answers-worker.js', import.meta.url));
       const client = createWorkerClient({ start, where: 'the thread' });
       console.log(await client.request({ do: 'echo', value: 'answered' }));`,
    );
    const { stdout, status } = spawnSync(process.execPath, [join(folder, 'main.js')], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect([stdout, status]).toEqual(['answered\n', 0]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
