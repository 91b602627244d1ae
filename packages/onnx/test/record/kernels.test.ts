import { nodeRuntime } from '@ood/onnx/node';
import { record, silenceBackendBanner } from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { kernels } from '../../src/record/kernels/index.ts';
import type { Tensor } from '../../src/session/session.ts';
import type { Case } from './case.ts';
import { cases } from './cases.ts';

silenceBackendBanner();

const TOLERANCE = 1e-5;

function draw({ inputs, domain = 'normal' }: Case, batch: number): Record<string, tf.Tensor> {
  const tensors = Object.entries(inputs).map(([name, shape], seed) => {
    const dims = shape.map(dim => (dim === 'batch' ? batch : dim));
    if (domain === 'normal') return [name, tf.randomNormal(dims, 0, 1, 'float32', seed + 1)];
    const uniform = tf.randomUniform(dims, 0, 1, 'float32', seed + 1);
    if (domain === 'positive') return [name, tf.add(tf.mul(uniform, 1.9), 0.1)];
    if (domain === 'unit') return [name, tf.sub(tf.mul(uniform, 1.8), 0.9)];
    return [name, tf.floor(tf.mul(uniform, 5))];
  });
  return Object.fromEntries(tensors);
}

/** The result, and the gradients of a loss in which every element weighs differently. */
function withGradients(test: Case) {
  const names = test.gradients ?? (test.domain === 'index' ? [] : Object.keys(test.inputs));
  return (tensors: Record<string, tf.Tensor>): Record<string, tf.Tensor> => {
    const result = test.run(tensors as never);
    if (names.length === 0) return { result };
    const { grads } = tf.valueAndGrads((...points: tf.Tensor[]) => {
      const moved = Object.fromEntries(names.map((name, i) => [name, points[i]!]));
      const y = test.run({ ...tensors, ...moved } as never);
      return tf.sum(tf.mul(y, tf.add(tf.mul(y, 0.5), 1))) as tf.Scalar;
    })(names.map(name => tensors[name]!));
    return { result, ...Object.fromEntries(names.map((name, i) => [`gradient of ${name}`, grads[i]!])) };
  };
}

function feed(tensors: Record<string, tf.Tensor>): Record<string, Tensor> {
  const entries = Object.entries(tensors).map(([name, t]) => [
    name,
    { type: 'float32', dims: t.shape, data: t.dataSync() },
  ]);
  return Object.fromEntries(entries);
}

function expectClose(actual: ArrayLike<number | bigint>, expected: ArrayLike<number>, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  const largest = Array.from(expected).reduce(
    (max, v) => (Number.isFinite(v) ? Math.max(max, Math.abs(v)) : max),
    0,
  );
  for (let i = 0; i < expected.length; i++) {
    const [got, wanted] = [Number(actual[i]), expected[i]!];
    if (Object.is(got, wanted) || got === wanted) continue;
    const error = Math.abs(got - wanted) / (0.5 * (Math.abs(wanted) + largest));
    expect(error, `${what}[${i}] is ${got}, tfjs has ${wanted}`).toBeLessThan(TOLERANCE);
  }
}

describe('a recorded kernel and its gradient', () => {
  it.each(Object.entries(cases))('%s equals tfjs at batches of 1, 7 and many', async (_, test) => {
    const run = withGradients(test);
    const recording = record(run, { inputs: test.inputs });
    const session = await nodeRuntime.createSession(recording.bytes, { threads: 1 });
    const { largest = 250 } = test;
    const all = draw(test, largest);
    const big = await session.run(feed(all));
    for (const batch of [1, 7, largest]) {
      const tensors = Object.fromEntries(
        Object.entries(all).map(([name, t]) => [
          name,
          test.inputs[name]![0] === 'batch' ? tf.slice(t, 0, batch) : t,
        ]),
      );
      const results = await session.run(feed(tensors));
      for (const [name, expected] of Object.entries(run(tensors))) {
        const { dims, data } = results[name]!;
        expect(dims, `shape of the ${name}`).toEqual(expected.shape);
        expectClose(data as Float32Array, expected.dataSync(), name);
      }
      if (test.rowwise === false) continue;
      const whole = (big.result!.data as Float32Array).subarray(0, results.result!.data.length);
      expectClose(results.result!.data as Float32Array, whole, `rows of one big batch: result`);
    }
    await session.close();
  });
});

describe('the table of cases', () => {
  it('uses every kernel that can be recorded', async () => {
    const used = new Set<string>();
    for (const test of Object.values(cases)) {
      const tensors = draw(test, 7);
      const { kernelNames } = await tf.profile(() => Object.values(withGradients(test)(tensors)));
      for (const name of kernelNames) used.add(name);
    }
    expect(Object.keys(kernels).filter(name => !used.has(name))).toEqual([]);
  });
});
