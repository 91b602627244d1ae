import { encodeModel, moveToExternalData, type SessionOptions, type Tensor } from '@ood/onnx';
import { webRuntime } from '@ood/onnx/web';
import { describe, expect, it } from 'vitest';
import { floats, linearModel, modelOf, node, random, run } from './models.ts';
import { oddModels } from './odd-models.ts';

const bytes = encodeModel(linearModel());
const x = floats([2, 2], [1, 0, 0, 1]);

describe('a session of onnxruntime-web', () => {
  it.each(oddModels)('computes what onnxruntime-node computes: $name', async ({ model, feeds }) => {
    const session = await webRuntime.createSession(encodeModel(model));
    const [web, native] = [await session.run(feeds), await run(model, feeds)];
    expect(Object.keys(web)).toEqual(Object.keys(native));
    for (const [name, tensor] of Object.entries(native)) {
      expect(web[name]!.dims).toEqual(tensor.dims);
      for (const [i, value] of (tensor.data as Float32Array).entries()) {
        expect(web[name]!.data[i]).toBeCloseTo(value, 5);
      }
    }
    await session.close();
  });

  it('tells inputs and outputs, and writes into the tensors given as fetches', async () => {
    const session = await webRuntime.createSession(bytes);
    expect(session.inputs).toEqual([{ name: 'x', type: 'float32', dims: ['batch', 2] }]);
    expect(session.outputs).toEqual([{ name: 'y', type: 'float32', dims: ['batch', 3] }]);
    const y = floats([2, 3], new Float32Array(6));
    expect((await session.run({ x }, { y })).y).toBe(y);
    expect([...y.data]).toEqual([1.5, 2, 2.5, 4.5, 5, 5.5]);
    const tall = floats([3, 3], new Float32Array(9));
    await expect(session.run({ x }, { y: tall })).rejects.toMatchObject({ code: 'WRONG_SHAPE' });
    await session.close();
  });

  it('keeps half floats as bit patterns', async () => {
    const model = modelOf({
      nodes: [node('Cast', ['x'], ['y'], { to: 10n })],
      outputs: [{ name: 'y', type: 'float16', dims: ['batch', 2] }],
    });
    const session = await webRuntime.createSession(encodeModel(model));
    expect((await session.run({ x })).y!.data).toEqual(Uint16Array.of(0x3c00, 0, 0, 0x3c00));
    await session.close();
  });

  it('takes the contents of external data', async () => {
    const { model, chunks } = moveToExternalData(linearModel(), { location: 'w.bin', minBytes: 1 });
    const data = new Uint8Array(Buffer.concat(chunks));
    const session = await webRuntime.createSession(encodeModel(model), { externalData: { 'w.bin': data } });
    expect((await session.run({ x })).y!.data[0]).toBe(1.5);
    await session.close();
  });

  it('runs several batches at once', async () => {
    const session = await webRuntime.createSession(bytes);
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) => session.run({ x: random([i + 1, 2]) })),
    );
    expect(results.map(({ y }) => y!.dims[0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await session.close();
    await expect(session.run({ x })).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('a wrong call names what is wrong', () => {
  it.each<[string, Record<string, Tensor>, string]>([
    ['a missing input', {}, 'MISSING_INPUT'],
    ['an unknown input', { z: x }, 'UNKNOWN_NAME'],
    ['another shape', { x: floats([1, 3], [1, 2, 3]) }, 'WRONG_SHAPE'],
  ])('%s', async (_, feeds, code) => {
    const session = await webRuntime.createSession(bytes);
    await expect(session.run(feeds)).rejects.toMatchObject({ code });
    await session.close();
  });

  it.each<[string, Uint8Array | string, SessionOptions, string]>([
    ['a path', 'model.onnx', {}, 'INVALID_OPTION'],
    ['no bytes', new Uint8Array(0), {}, 'EMPTY_FILE'],
    ['torn bytes', bytes.subarray(0, bytes.length - 9), {}, 'CORRUPT_FILE'],
    ['a provider of another build', bytes, { providers: ['webgpu'] }, 'MISSING_PROVIDER'],
    ['another number of threads than the page has', bytes, { threads: 2 }, 'INVALID_OPTION'],
    [
      'missing external data',
      encodeModel(moveToExternalData(linearModel(), { location: 'w.bin', minBytes: 1 }).model),
      {},
      'EXTERNAL_DATA',
    ],
  ])('%s', async (_, model, options, code) => {
    await expect(webRuntime.createSession(model, options)).rejects.toMatchObject({ code });
  });
});
