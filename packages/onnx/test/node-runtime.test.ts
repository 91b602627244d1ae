import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOodError } from '@ood/core';
import { encodeModel, makeGraph, makeModel, makeNode, type SessionOptions, type Tensor } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floats, linearModel } from './models.ts';

const bytes = encodeModel(linearModel());
const x = floats([2, 2], [1, 0, 0, 1]);
// Node's types declare WebAssembly as a namespace without values.
const wasm = (
  globalThis as never as { WebAssembly: { Memory: new (d: { initial: number }) => { buffer: ArrayBuffer } } }
).WebAssembly;
const expected = [1.5, 2, 2.5, 4.5, 5, 5.5];
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-onnx-'));
  await writeFile(join(folder, 'linear.onnx'), bytes);
  await writeFile(join(folder, 'empty.onnx'), '');
  await writeFile(join(folder, 'torn.onnx'), bytes.subarray(0, bytes.length - 9));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a session of onnxruntime-node', () => {
  it.each([
    ['bytes', () => bytes],
    ['a path', () => join(folder, 'linear.onnx')],
  ])('runs a graph loaded from %s', async (_, model) => {
    const session = await nodeRuntime.createSession(model(), { threads: 1 });
    expect(session.inputs).toEqual([{ name: 'x', type: 'float32', dims: ['batch', 2] }]);
    expect(session.outputs).toEqual([{ name: 'y', type: 'float32', dims: ['batch', 3] }]);
    const { y } = await session.run({ x });
    expect(y).toEqual({ type: 'float32', dims: [2, 3], data: Float32Array.from(expected) });
    await session.close();
  });

  it('writes into the tensors given as fetches, also into views of WebAssembly memory', async () => {
    const session = await nodeRuntime.createSession(bytes);
    const memory = new wasm.Memory({ initial: 1 });
    const y: Tensor = { type: 'float32', dims: [2, 3], data: new Float32Array(memory.buffer, 128, 6) };
    const result = await session.run({ x }, { y });
    expect(result.y).toBe(y);
    expect([...new Float32Array(memory.buffer, 128, 6)]).toEqual(expected);
    await session.close();
  });

  it.each(['disabled', 'all'] as const)(
    'writes in place also what is merely passed through (optimization %s)',
    async optimization => {
      const graph = makeGraph('pass', {
        inputs: [{ name: 'x', type: 'float32', dims: ['batch', 2] }],
        outputs: [
          { name: 'same', type: 'float32', dims: ['batch', 2] },
          { name: 'constant', type: 'float32', dims: [2] },
          { name: 'folded', type: 'float32', dims: [2] },
        ],
        nodes: [
          makeNode('Identity', { inputs: ['x'], outputs: ['same'] }),
          makeNode('Neg', { inputs: ['constant'], outputs: ['folded'] }),
        ],
        initializers: { constant: floats([2], [7, 8]) },
      });
      const session = await nodeRuntime.createSession(encodeModel(makeModel(graph)), { optimization });
      const fetches = {
        same: floats([2, 2], [9, 9, 9, 9]),
        constant: floats([2], [9, 9]),
        folded: floats([2], [9, 9]),
      };
      await session.run({ x }, fetches);
      expect(Object.values(fetches).map(tensor => [...(tensor.data as Float32Array)])).toEqual([
        [1, 0, 0, 1],
        [7, 8],
        [-7, -8],
      ]);
      await session.close();
    },
  );

  it('carries every element type through unchanged', async () => {
    const tensors: Record<string, Tensor> = {
      float32: floats([2], [1.5, -2]),
      float64: { type: 'float64', dims: [2], data: Float64Array.of(Math.PI, -1e300) },
      float16: { type: 'float16', dims: [2], data: Uint16Array.of(0x3c00, 0xc000) },
      int8: { type: 'int8', dims: [2], data: Int8Array.of(-128, 127) },
      uint8: { type: 'uint8', dims: [2], data: Uint8Array.of(0, 255) },
      int16: { type: 'int16', dims: [2], data: Int16Array.of(-32768, 32767) },
      uint16: { type: 'uint16', dims: [2], data: Uint16Array.of(0, 65535) },
      int32: { type: 'int32', dims: [2], data: Int32Array.of(-(2 ** 31), 7) },
      uint32: { type: 'uint32', dims: [2], data: Uint32Array.of(0, 2 ** 32 - 1) },
      int64: { type: 'int64', dims: [2], data: BigInt64Array.of(-(2n ** 63n), 5n) },
      uint64: { type: 'uint64', dims: [2], data: BigUint64Array.of(0n, 2n ** 64n - 1n) },
      bool: { type: 'bool', dims: [2], data: Uint8Array.of(1, 0) },
      string: { type: 'string', dims: [2], data: ['ja', 'nein'] },
      nothing: { type: 'float32', dims: [0, 3], data: new Float32Array(0) },
    };
    const names = Object.keys(tensors);
    const info = (name: string) => ({ name, type: tensors[name.replace('_out', '')]!.type, dims: [null] });
    const graph = makeGraph('types', {
      inputs: names.map(name => (name === 'nothing' ? { ...info(name), dims: ['n', 3] } : info(name))),
      outputs: names.map(name => ({ ...info(`${name}_out`), dims: name === 'nothing' ? ['n', 3] : [null] })),
      nodes: names.map(name => makeNode('Identity', { inputs: [name], outputs: [`${name}_out`] })),
    });
    const session = await nodeRuntime.createSession(encodeModel(makeModel(graph)));
    const results = await session.run(tensors);
    for (const name of names) expect(results[`${name}_out`]).toEqual(tensors[name]);
    await session.close();
  });

  it('computes only the outputs asked for', async () => {
    const session = await nodeRuntime.createSession(bytes);
    expect(Object.keys(await session.run({ x }, ['y']))).toEqual(['y']);
    await session.close();
  });

  it('lets a run finish that was started before close', async () => {
    const session = await nodeRuntime.createSession(bytes);
    const running = session.run({ x });
    await session.close();
    await session.close();
    expect((await running).y?.data).toHaveLength(6);
    await expect(session.run({ x })).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

const shared = new Float32Array(new SharedArrayBuffer(16));

describe('a wrong call names what is wrong', () => {
  it.each<[string, Record<string, Tensor>, string, RegExp]>([
    [
      'a missing input',
      {},
      'MISSING_INPUT',
      /input "x": expected a float32 tensor \[batch, 2\], got nothing/,
    ],
    ['an unknown input', { z: x }, 'UNKNOWN_NAME', /input "z": expected one of the graph's inputs "x"/],
    [
      'another type',
      { x: { type: 'int8', dims: [1, 2], data: new Int8Array(2) } },
      'WRONG_TYPE',
      /float32, got int8/,
    ],
    [
      'another array',
      { x: { type: 'float32', dims: [1, 2], data: [1, 2] as never } },
      'WRONG_TYPE',
      /Float32Array.*Array/,
    ],
    ['another rank', { x: floats([2], [1, 2]) }, 'WRONG_SHAPE', /shape \[batch, 2\], got \[2\]/],
    ['another width', { x: floats([1, 3], [1, 2, 3]) }, 'WRONG_SHAPE', /\[batch, 2\], got \[1, 3\]/],
    ['too few elements', { x: floats([2, 2], [1]) }, 'WRONG_SHAPE', /4 elements.*got 1/],
    ['a fractional size', { x: floats([0.5, 2], [1]) }, 'WRONG_SHAPE', /\[0.5, 2\]/],
    [
      'shared memory',
      { x: { type: 'float32', dims: [2, 2], data: shared } },
      'WRONG_TYPE',
      /SharedArrayBuffer/,
    ],
  ])('%s', async (_, feeds, code, message) => {
    const session = await nodeRuntime.createSession(bytes);
    const error = await session.run(feeds).catch((e: unknown) => e);
    await session.close();
    expect(isOodError(error)).toBe(true);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('a provider whose libraries are not installed, if they are not', async () => {
    for (const provider of ['cuda', 'tensorrt']) {
      const options = { providers: [provider] };
      const outcome = await nodeRuntime.createSession(bytes, options).then(
        session => session.close().then(() => 'installed'),
        (error: { code?: string; message: string }) => `${error.code} ${error.message}`,
      );
      expect(outcome).toMatch(new RegExp(`^(installed|MISSING_PROVIDER .*${provider})`));
    }
  });

  it('an unknown output, or a target that does not fit', async () => {
    const session = await nodeRuntime.createSession(bytes);
    await expect(session.run({ x }, ['logits'])).rejects.toMatchObject({ code: 'UNKNOWN_NAME' });
    await expect(session.run({ x }, { y: floats([2, 2], [0, 0, 0, 0]) })).rejects.toMatchObject({
      code: 'WRONG_SHAPE',
    });
    const tall = floats([3, 3], new Float32Array(9));
    await expect(session.run({ x }, { y: tall })).rejects.toMatchObject({ code: 'RUN_FAILED' });
    await session.close();
  });

  it.each<[string, () => Uint8Array | string, SessionOptions, string, RegExp]>([
    [
      'no file',
      () => join(folder, 'no.onnx'),
      {},
      'FILE_NOT_FOUND',
      /no\.onnx: expected an ONNX file, got no such file or folder/,
    ],
    ['a folder', () => folder, {}, 'NOT_A_FILE', /got a folder/],
    ['an empty file', () => join(folder, 'empty.onnx'), {}, 'EMPTY_FILE', /empty\.onnx.*0 bytes/],
    ['no bytes', () => new Uint8Array(0), {}, 'EMPTY_FILE', /0 bytes/],
    [
      'a torn file',
      () => join(folder, 'torn.onnx'),
      {},
      'CORRUPT_FILE',
      /torn\.onnx: expected an ONNX model/,
    ],
    [
      'an unknown provider',
      () => bytes,
      { providers: ['tpu'] },
      'MISSING_PROVIDER',
      /"tpu": expected one of cpu/,
    ],
    ['no provider', () => bytes, { providers: [] }, 'INVALID_OPTION', /providers/],
    ['no threads', () => bytes, { threads: 0 }, 'INVALID_OPTION', /threads.*got 0/],
    ['half a thread', () => bytes, { threads: 1.5 }, 'INVALID_OPTION', /threads.*got 1.5/],
    ['an unknown level', () => bytes, { optimization: 'max' as never }, 'INVALID_OPTION', /"max"/],
    [
      'a later opset',
      () =>
        encodeModel({
          ...linearModel(),
          opsetImport: makeModel(linearModel().graph!, { opset: 99 }).opsetImport,
        }),
      {},
      'UNSUPPORTED',
      /opset/i,
    ],
  ])('%s', async (_, model, options, code, message) => {
    const error = await nodeRuntime.createSession(model(), options).catch((e: unknown) => e);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
