import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { encodeModel, makeGraph, makeModel, makeNode, openModel, type Tensor } from '@ood/onnx';
import { type IsolationOptions, isolatedRuntime, nodeRuntime } from '@ood/onnx/node';
import { afterEach, describe, expect, it } from 'vitest';
import { floats, linearModel } from './models.ts';

const hostile = (name: string) => readFile(fileURLToPath(new URL(`./hostile/${name}`, import.meta.url)));
const x = floats([1, 4], [1, 2, 3, 4]);

let runtime: ReturnType<typeof isolatedRuntime>;
const open = (options: IsolationOptions = {}) => {
  runtime = isolatedRuntime(options);
  return runtime;
};
afterEach(() => runtime.close());

/** Makes a tensor of as many floats as it is told. */
const bomb = encodeModel(
  makeModel(
    makeGraph('bomb', {
      inputs: [{ name: 'size', type: 'int64', dims: [1] }],
      outputs: [{ name: 'y', type: 'float32', dims: ['n'] }],
      nodes: [makeNode('ConstantOfShape', { inputs: ['size'], outputs: ['y'] })],
    }),
    { opset: 17 },
  ),
);
const size = (count: number): Record<string, Tensor> => ({
  size: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(count)) },
});

/** Runs a program of its own, in which nothing but the runtime keeps it alive; what it says, and its exit code. */
async function program(code: string): Promise<{ readonly said: string; readonly code: number | null }> {
  const child = spawn(
    process.execPath,
    ['--conditions=@ood/source', '--import', 'tsx', '--input-type=module', '--eval', code],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('.', import.meta.url)) },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    said += text;
  });
  return new Promise(resolve => child.on('close', code => resolve({ said, code })));
}

describe('a runtime in a process of its own', () => {
  it('gives a model its time from when the process is ready, and keeps a program alive that waits for it', async () => {
    open();
    const code = `
      import { isolatedRuntime } from '@ood/onnx/node';
      // As on a machine that is busy with other things.
      process.env.NODE_OPTIONS = '--import data:text/javascript,Atomics.wait(new%20Int32Array(new%20SharedArrayBuffer(4)),0,0,9000)';
      const runtime = isolatedRuntime({ deadline: 8000 });
      const failed = await runtime.createSession(new Uint8Array(9)).catch(error => error.code);
      await runtime.close();
      process.stdout.write(failed + ', closed');`;
    expect(await program(code)).toEqual({ said: 'CORRUPT_FILE, closed', code: 0 });
  });

  it('gives what the runtime of this process gives, for bytes and for models of any size', async () => {
    const model = linearModel();
    const feeds = { x: floats([2, 2], [1, 2, 3, 4]) };
    const here = await openModel(nodeRuntime, model);
    const expected = await here.run(feeds);
    for (const maxInlineBytes of [2 ** 30, 0]) {
      const there = await openModel(open(), model, { maxInlineBytes });
      expect(there.inputs).toEqual(here.inputs);
      expect(there.outputs).toEqual(here.outputs);
      expect(await there.run(feeds)).toEqual(expected);
      await there.close();
      await runtime.close();
    }
    await here.close();
  });

  it('writes results into tensors that are given to receive them', async () => {
    const session = await open().createSession(bomb);
    const y = floats([3], [7, 7, 7]);
    expect((await session.run(size(3), { y })).y).toBe(y);
    expect(y.data).toEqual(new Float32Array(3));
  });

  it('hands typed errors over, and goes on', async () => {
    const session = await open().createSession(encodeModel(linearModel()), { source: 'mine' });
    await expect(session.run({ x: floats([1, 3], [1, 2, 3]) })).rejects.toMatchObject({
      code: 'WRONG_SHAPE',
    });
    await expect(runtime.createSession(new Uint8Array(9))).rejects.toMatchObject({
      name: 'OnnxError',
      code: 'CORRUPT_FILE',
      kind: 'input',
    });
    await expect(session.run({ x: floats([1, 2], [1, 2]) })).resolves.toBeDefined();
  });

  it('ends a graph that never ends at the deadline, while this thread stays free, and starts anew', async () => {
    const loop = await open({ deadline: 15_000 }).createSession(await hostile('loop.onnx'));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 20);
    const error = await loop.run({ x }).catch(error => error);
    clearInterval(timer);
    expect(error).toMatchObject({ code: 'TIMED_OUT', kind: 'input' });
    expect(ticks).toBeGreaterThan(20);
    await expect(loop.run({ x })).rejects.toMatchObject({ code: 'TIMED_OUT' });
    const next = await runtime.createSession(bomb);
    expect((await next.run(size(2))).y?.dims).toEqual([2]);
  });

  it('ends when it is aborted', async () => {
    const controller = new AbortController();
    const loop = await open({ signal: controller.signal }).createSession(await hostile('loop.onnx'));
    setTimeout(() => controller.abort(), 100);
    await expect(loop.run({ x })).rejects.toMatchObject({ code: 'ABORTED', kind: 'aborted' });
    await expect(runtime.createSession(bomb)).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('ends when it takes more memory than it may', async () => {
    const session = await open({ maxMemory: 2 ** 29 }).createSession(bomb);
    await expect(session.run(size(2 ** 29))).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: expect.stringContaining('536870912 bytes of memory'),
    });
  });

  it('refuses to hand back more than it may', async () => {
    const session = await open({ maxOutputBytes: 1000 }).createSession(bomb);
    await expect(session.run(size(251))).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect((await session.run(size(250))).y?.dims).toEqual([250]);
  });
});
