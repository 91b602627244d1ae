import { isOodError } from '@ood/core';
import { decodeModel, type OnnxErrorCode } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import {
  constant,
  type RecordedFunction,
  type RecordOptions,
  record,
  silenceBackendBanner,
  valueAndGradients,
} from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

silenceBackendBanner();

type Tensors = Record<string, tf.Tensor>;
const x = { x: ['batch', 3] } as const;
const float = (dims: number[], ...data: number[]) => ({
  type: 'float32' as const,
  dims,
  data: Float32Array.from(data),
});

async function run(
  recording: { bytes: Uint8Array },
  feeds: Parameters<Awaited<ReturnType<typeof nodeRuntime.createSession>>['run']>[0],
) {
  const session = await nodeRuntime.createSession(recording.bytes, { threads: 1 });
  const results = await session.run(feeds);
  await session.close();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
  );
}

interface Refusal {
  readonly code: OnnxErrorCode;
  readonly says: string;
  readonly fn: RecordedFunction;
  readonly options?: Partial<RecordOptions>;
}

const eager = tf.tensor2d([[1, 2, 3]]);

const refusals: Record<string, Refusal> = {
  'an unsupported kernel': {
    code: 'UNSUPPORTED_KERNEL',
    says: "'LRN'",
    fn: ({ x }) => ({ y: tf.localResponseNormalization(tf.reshape(x!, [-1, 1, 3, 1]) as tf.Tensor4D) }),
  },
  'a kernel called in an unsupported way': {
    code: 'UNSUPPORTED_ARGUMENT',
    says: 'batchDims 0',
    fn: ({ x }) => ({ y: tf.gather(x!, tf.zeros([x!.shape[0]!, 1], 'int32') as never, 1, 1) }),
  },
  'an undeclared constant': {
    code: 'UNDECLARED_CONSTANT',
    says: 'shape [3]',
    fn: ({ x }) => ({ y: tf.add(x!, tf.tensor1d([1, 2, 3])) }),
  },
  'fresh random numbers': {
    code: 'UNDECLARED_CONSTANT',
    says: 'make randomness an input',
    fn: ({ x }) => ({ y: tf.add(x!, tf.randomNormal(x!.shape)) }),
  },
  'a fresh random scalar': {
    code: 'BATCH_DEPENDENCE',
    says: 'no fresh random numbers',
    fn: ({ x }) => ({ y: tf.add(x!, tf.randomNormal([])) }),
  },
  'an eager tensor from outside': {
    code: 'FOREIGN_TENSOR',
    says: 'shape [1,3]',
    fn: ({ x }) => ({ y: tf.add(x!, eager) }),
  },
  'reading values': {
    code: 'SYMBOLIC_READ',
    says: 'dataSync',
    fn: ({ x }) => ({ y: tf.mul(x!, x!.dataSync()[0]!) }),
  },
  'a loop over the rows': {
    code: 'BATCH_DEPENDENCE',
    says: 'no loop over rows',
    fn: ({ x }) => ({ y: tf.stack(tf.unstack(x!).map(row => tf.exp(row))) }),
  },
  'a number that no formula of the batch size gives': {
    code: 'BATCH_DEPENDENCE',
    says: 'a number is',
    fn: ({ x }) => ({ y: tf.mul(x!, Math.sin(x!.shape[0]!)) }),
  },
  'a size that is no multiple of the batch size': {
    code: 'BATCH_DEPENDENCE',
    says: 'at batch sizes',
    fn: ({ x }) => ({ y: tf.slice(x!, [0, 0], [Math.floor(x!.shape[0]! / 2), 3]) }),
  },
  'an output named like an input': { code: 'NAME_CLASH', says: "'x'", fn: ({ x }) => ({ x: tf.exp(x!) }) },
  'an input and a constant of one name': {
    code: 'NAME_CLASH',
    says: "'x'",
    fn: ({ x }) => ({ y: x! }),
    options: { constants: { x: { dims: [1], data: Float32Array.of(1) } } },
  },
  'a name that is reserved': {
    code: 'NAME_CLASH',
    says: "'ood:1'",
    fn: ({ x }) => ({ 'ood:1': tf.exp(x!) }),
  },
  'two free dimensions': {
    code: 'INVALID_SPECIFICATION',
    says: 'rows, columns',
    fn: ({ x }) => ({ y: x! }),
    options: { inputs: { x: ['rows', 'columns'] } },
  },
  'a fractional dimension': {
    code: 'INVALID_SPECIFICATION',
    says: '[1.5]',
    fn: ({ x }) => ({ y: x! }),
    options: { inputs: { x: [1.5] } },
  },
  'a constant whose data do not fill its shape': {
    code: 'INVALID_SPECIFICATION',
    says: 'expected 4 numbers for dims [2,2], got 3',
    fn: ({ x }) => ({ y: x! }),
    options: { constants: { c: { dims: [2, 2], data: new Float32Array(3) } } },
  },
  'an opset out of range': {
    code: 'INVALID_SPECIFICATION',
    says: 'got 12',
    fn: ({ x }) => ({ y: x! }),
    options: { opset: 12 },
  },
  'adding up by index in an old opset': {
    code: 'INVALID_SPECIFICATION',
    says: 'at least 16',
    fn: ({ x }) => ({
      y: tf.unsortedSegmentSum(x!, tf.cast(tf.slice(x!, [0, 0], [-1, 1]).as1D(), 'int32'), 5),
    }),
    options: { opset: 13 },
  },
  'no outputs': { code: 'INVALID_OUTPUT', says: 'named tensors', fn: () => ({}) },
  'a bare tensor': { code: 'INVALID_OUTPUT', says: 'named tensors', fn: (({ x }: Tensors) => x) as never },
  'a promise': { code: 'INVALID_OUTPUT', says: 'synchronous', fn: (async () => ({})) as never },
  'an output that is no tensor': {
    code: 'INVALID_OUTPUT',
    says: "output 'y'",
    fn: () => ({ y: 3 }) as never,
  },
  'a recording inside a recording': {
    code: 'NESTED_RECORDING',
    says: 'outside',
    fn: ({ x }) => {
      record(({ x }) => ({ y: x! }), { inputs: { x: [1] } });
      return { y: x! };
    },
  },
  'a gradient by an unknown name': {
    code: 'INVALID_SPECIFICATION',
    says: "'w'",
    fn: valueAndGradients(({ x }) => tf.sum(x!), ['w']),
  },
};

describe('record refuses', () => {
  it.each(Object.entries(refusals))('%s', (_, { code, says, fn, options }) => {
    let caught: unknown;
    try {
      record(fn, { inputs: x, ...options });
    } catch (error) {
      caught = error;
    }
    expect(isOodError(caught), String(caught)).toBe(true);
    expect(caught).toMatchObject({ code });
    expect((caught as Error).message).toContain(says);
  });
});

describe('a recording', () => {
  it('repeats no randomness: noise is an input', async () => {
    const noisy = record(({ x, noise }) => ({ y: tf.add(x!, tf.mul(noise!, 0.5)) }), {
      inputs: { x: ['batch', 2], noise: ['batch', 2] },
    });
    const feeds = { x: float([1, 2], 1, 2) };
    expect((await run(noisy, { ...feeds, noise: float([1, 2], 2, 4) })).y).toEqual([2, 4]);
    expect((await run(noisy, { ...feeds, noise: float([1, 2], 0, -2) })).y).toEqual([1, 1]);
  });

  it('has no node that no output needs', () => {
    const recording = record(
      ({ x }) => {
        tf.matMul(tf.exp(x!), x!, true);
        return { y: tf.neg(x!) };
      },
      { inputs: x },
    );
    expect(recording.operators).toEqual({ Neg: 1 });
  });

  it('adds up the rows of a matrix by a product with ones, infinities included', async () => {
    const recording = record(({ x }) => ({ y: tf.sum(x!, 0) }), { inputs: { x: ['batch', 2] } });
    expect(recording.operators).toMatchObject({ MatMul: 1 });
    expect(recording.operators).not.toHaveProperty('ReduceSum');
    expect((await run(recording, { x: float([3, 2], 1, 2, 3, 4, 5, Infinity) })).y).toEqual([9, Infinity]);
  });

  it('is the same bytes for the same function', () => {
    const once = () =>
      record(
        valueAndGradients(({ x, w }) => tf.mean(tf.relu(tf.matMul(x!, w!))), ['w']),
        { inputs: { ...x, w: [3, 2] } },
      ).bytes;
    expect(Buffer.from(once()).equals(Buffer.from(once()))).toBe(true);
  });

  it('takes names of all kinds, and returns inputs and constants as outputs', async () => {
    const recording = record(
      ({ '1': one, 'a b/c': two, k: three }) => ({
        Gemm_0: tf.add(one!, two!),
        same: one!,
        baked: three!,
        again: three!,
      }),
      { inputs: { '1': [2], 'a b/c': [2] }, constants: { k: { dims: [2], data: Float32Array.of(5, 6) } } },
    );
    const results = await run(recording, { '1': float([2], 1, 2), 'a b/c': float([2], 3, 4) });
    expect(results).toEqual({ Gemm_0: [4, 6], same: [1, 2], baked: [5, 6], again: [5, 6] });
  });

  it('names the batch dimension of inputs and outputs and keeps fixed ones', () => {
    const { inputs, outputs } = record(
      ({ x }) => ({ y: tf.sum(x!, 1), all: tf.sum(x!), twice: tf.concat([x!, x!]) }),
      {
        inputs: { x: ['rows', 3] },
      },
    );
    expect(inputs).toEqual([{ name: 'x', type: 'float32', dims: ['rows', 3] }]);
    expect(outputs.map(output => output.dims)).toEqual([['rows'], [], [null, 3]]);
  });

  it('gives the same numbers with parameters as inputs and as constants', async () => {
    const layer = ({ x, w }: Tensors) => ({ y: tf.tanh(tf.matMul(x!, w!)) });
    const w = float([3, 2], 1, -2, 3, 0.5, 0, 2);
    const fed = record(layer, { inputs: { ...x, w: [3, 2] } });
    const baked = record(layer, { inputs: x, constants: { w } });
    const feeds = { x: float([1, 3], 0.1, 0.2, 0.3) };
    expect(baked.inputs.map(input => input.name)).toEqual(['x']);
    expect((await run(baked, feeds)).y).toEqual((await run(fed, { ...feeds, w })).y);
  });

  it('takes eager tensors and variables that the function has captured, where they are declared', async () => {
    const kernel = tf.variable(tf.tensor2d([[1], [2], [3]]), true, 'kernel');
    const offset = tf.tensor1d([10]);
    const recording = record(
      ({ x }) => {
        const { value, grads } = tf.variableGrads(
          () => tf.sum(tf.add(tf.matMul(x!, kernel as tf.Tensor2D), offset)),
          [kernel],
        );
        return { value, gradient: grads.kernel! };
      },
      { inputs: { ...x, kernel }, constants: { offset } },
    );
    const results = await run(recording, {
      x: float([2, 3], 1, 2, 3, 4, 5, 6),
      kernel: float([3, 1], 1, 0, 0),
    });
    expect(results).toEqual({ value: [25], gradient: [5, 7, 9] });
    kernel.dispose();
  });

  it('accepts variables made inside, and integer and boolean inputs', async () => {
    const recording = record(
      ({ x, pick, on }) => {
        const v = tf.variable(tf.mul(x!, 2));
        return { y: tf.where(on!, tf.gather(v, pick as tf.Tensor1D, 1), 0) };
      },
      { inputs: { ...x, pick: { shape: [3], dtype: 'int32' }, on: { shape: [3], dtype: 'bool' } } },
    );
    const { y } = await run(recording, {
      x: float([1, 3], 1, 2, 3),
      pick: { type: 'int32', dims: [3], data: Int32Array.of(2, 0, 1) },
      on: { type: 'bool', dims: [3], data: Uint8Array.of(1, 0, 1) },
    });
    expect(y).toEqual([6, 0, 4]);
  });

  it.each([13, 15, 17, 18, 20, 21])('runs in opset %i and says so', async opset => {
    const recording = record(({ x }) => ({ y: tf.add(tf.max(x!, 1), tf.sum(tf.mean(x!, 0, true), 1)) }), {
      inputs: x,
      opset,
    });
    expect(decodeModel(recording.bytes).opsetImport.map(o => Number(o.version))).toEqual([opset]);
    expect((await run(recording, { x: float([1, 3], 1, 2, 4) })).y).toEqual([11]);
  });

  it.each([23, 37, 59])('is not misled by a dimension of %i that equals a batch size tried', async width => {
    const values = Float32Array.from({ length: 3 * width }, (_, i) => i);
    const recording = record(
      ({ x }) => {
        const wide = tf.matMul(x!, constant(values, { shape: [3, width] }));
        return { y: tf.sum(tf.reshape(tf.transpose(wide), [x!.shape[0]!, width]), 1) };
      },
      { inputs: x },
    );
    const { y } = await run(recording, { x: float([1, 3], 1, 0, 0) });
    expect(y).toEqual([(width * (width - 1)) / 2]);
  });

  it('runs in onnxruntime-web as well', async () => {
    const web = await import('onnxruntime-web');
    web.env.wasm.numThreads = 1;
    const step = valueAndGradients(({ x, w }) => tf.mean(tf.logSumExp(tf.relu(tf.matMul(x!, w!)), 1)), ['w']);
    const { bytes } = record(step, { inputs: { ...x, w: [3, 2] } });
    const feeds = { x: float([2, 3], 1, 2, 3, -1, 0, 1), w: float([3, 2], 1, 0.5, -1, 0.25, 0.5, 1) };
    const session = await web.InferenceSession.create(bytes);
    const results = await session.run(
      Object.fromEntries(
        Object.entries(feeds).map(([name, t]) => [name, new web.Tensor(t.type, t.data, t.dims)]),
      ),
    );
    const expected = await run({ bytes }, feeds);
    for (const [name, values] of Object.entries(expected)) {
      for (const [i, value] of values.entries()) {
        expect((results[name]!.data as Float32Array)[i]).toBeCloseTo(value, 5);
      }
    }
    await session.release();
  });

  it('works without a free dimension', async () => {
    const recording = record(({ x }) => ({ y: tf.mean(x!) }), { inputs: { x: [2, 2] } });
    expect((await run(recording, { x: float([2, 2], 1, 2, 3, 6) })).y).toEqual([3]);
  });
});

describe('tfjs after a recording', () => {
  const backend = () => ({ name: tf.getBackend(), instance: tf.backend(), memory: { ...tf.memory() } });

  it('has its backend, tensors, kernels and gradients as before, also after a failure', () => {
    tf.setBackend('cpu');
    const before = backend();
    const kernels = tf.getKernelsForBackend('ood-record').length;
    const gradient = tf.getGradient('Tile');
    record(
      valueAndGradients(({ x }) => tf.sum(tf.square(x!)), ['x']),
      { inputs: x },
    );
    expect(() =>
      record(
        valueAndGradients(({ x }) => tf.sum(tf.tensor1d([x!.rank, 2])), ['x']),
        { inputs: x },
      ),
    ).toThrow();
    expect(() =>
      record(
        ({ x }) =>
          tf.tidy(() => {
            tf.variable(x!);
            throw new Error('my own');
          }),
        { inputs: x },
      ),
    ).toThrow('my own');
    const after = backend();
    expect(after.instance).toBe(before.instance);
    expect(after).toEqual(before);
    expect(kernels).toBe(0);
    expect(tf.getKernelsForBackend('ood-record').length).toBe(0);
    expect(tf.getGradient('Tile')).toBe(gradient);
    expect(Array.from(tf.add(1, tf.tensor1d([1, 2])).dataSync())).toEqual([2, 3]);
  });

  it('goes on with what it was doing: a recording may happen inside tidy and inside a gradient', () => {
    const gradient = tf.grad(v => {
      record(({ x }) => ({ y: tf.exp(x!) }), { inputs: x });
      return tf.square(v);
    })(tf.scalar(3));
    expect(gradient.dataSync()[0]).toBe(6);
  });

  it('says clearly that a tensor of a recording has no values outside it', () => {
    let escaped: tf.Tensor | undefined;
    record(({ x }) => ({ y: (escaped = tf.exp(x!)) }), { inputs: x });
    expect(() => escaped!.dataSync()).toThrow(/under recording/);
    expect(() => tf.add(escaped!, 1)).toThrow(/under recording/);
    expect(() => record(({ x }) => ({ y: tf.add(x!, escaped!) }), { inputs: x })).toThrow(
      /another recording/,
    );
  });

  it('can make declared constants eagerly, too', () => {
    expect(Array.from(constant([1, 2, 3, 4], { shape: [2, 2] }).dataSync())).toEqual([1, 2, 3, 4]);
    expect(constant(Int32Array.of(1)).dtype).toBe('int32');
  });
});
