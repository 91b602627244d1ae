import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PreparedTensor } from '@ood/features';
import { encodeModel, makeGraph, makeModel, makeNode, type Tensor } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportGuard, fitGuard, guardDigest, openGuard, type Verdict } from '../src/index.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ood-several-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const weights = (rows: number, cols: number): Tensor => ({
  type: 'float32',
  dims: [rows, cols],
  data: Float32Array.from({ length: rows * cols }, (_, i) => Math.sin((i + 1) ** 2 * 1.7)),
});

/** A vector and a category, and a factor that is the same for all. */
function model(): Uint8Array {
  const graph = makeGraph('several', {
    inputs: [
      { name: 'vector', type: 'float32', dims: ['n', 6] },
      { name: 'category', type: 'int64', dims: ['n'] },
      { name: 'factor', type: 'float32', dims: [] },
    ],
    outputs: [{ name: 'y', type: 'float32', dims: ['n', 3] }],
    nodes: [
      makeNode('Gather', { inputs: ['E', 'category'], outputs: ['e'] }),
      makeNode('MatMul', { inputs: ['vector', 'A'], outputs: ['h'] }),
      makeNode('Mul', { inputs: ['h', 'factor'], outputs: ['scaled'] }),
      makeNode('Add', { inputs: ['scaled', 'e'], outputs: ['sum'] }),
      makeNode('Tanh', { inputs: ['sum'], outputs: ['f'] }),
      makeNode('MatMul', { inputs: ['f', 'W'], outputs: ['y'] }),
    ],
    initializers: { E: weights(4, 8), A: weights(6, 8), W: weights(8, 3) },
  });
  return encodeModel(makeModel(graph));
}

function tensorsOf(i: number): Record<'vector' | 'category', PreparedTensor> {
  const label = i % 3;
  const data = Float32Array.from(
    { length: 6 },
    (_, j) => (j % 3 === label ? 1 : 0) + 0.05 * Math.sin(i * (j + 2.3)),
  );
  return {
    vector: { type: 'float32', dims: [6], data },
    category: { type: 'int64', dims: [], data: BigInt64Array.of(BigInt(label)) },
  };
}

const rows = (count: number, from = 0) => ({
  length: count,
  async *[Symbol.asyncIterator]() {
    for (let i = from; i < from + count; i++) yield { id: String(i), label: i % 3, tensors: tensorsOf(i) };
  },
});

describe('a guard of a model of several inputs', () => {
  it('checks, explains and exports like one of one input', async () => {
    const path = join(folder, 'guard');
    const made = await fitGuard(path, {
      model: model(),
      backbone: { inputs: { factor: 1 }, head: 'require' },
      train: rows(300),
      calibration: rows(100, 1000),
      detector: 'mahalanobis++',
    });
    expect(made).toMatchObject({
      version: 3,
      preprocessing: null,
      inputs: [{ name: 'vector' }, { name: 'category', type: 'int64' }],
      backbone: { fixedInputs: { factor: 1 } },
    });
    const guard = await openGuard(path);
    const far = { ...tensorsOf(1), category: { ...tensorsOf(0).category, data: BigInt64Array.of(3n) } };
    const inputs = [{ tensors: tensorsOf(5000) }, { tensors: tensorsOf(5001) }, { tensors: far as never }];
    const outcomes = await guard.checkBatch(inputs, { batchSize: 2 });
    const verdicts = outcomes.map(outcome => (outcome as { verdict: Verdict }).verdict);
    expect(verdicts[2]!.score).toBeGreaterThan(verdicts[0]!.score);
    expect(await guard.check(inputs[1]!)).toMatchObject({ isOod: verdicts[1]!.isOod });
    expect((await guard.explain(inputs[2]!)).features).toHaveLength(5);
    const [alone, image, lacking, text] = await guard.checkBatch([
      new Float32Array(6),
      new Uint8Array(3),
      { tensors: { vector: tensorsOf(1).vector } },
      'a text',
    ]);
    expect(alone).toMatchObject({ refusal: { code: 'MODEL_INPUT_MISMATCH' } });
    expect(image).toMatchObject({
      refusal: { reason: expect.stringMatching(/\{ tensors \} of vector \[6\] \(float32\), category \[\]/) },
    });
    expect(lacking).toMatchObject({ refusal: { reason: expect.stringContaining("input 'category'") } });
    expect(text).toMatchObject({ refusal: { code: 'MODEL_INPUT_MISMATCH' } });
    await guard.close();

    const file = `${path}.onnx`;
    for (const sample of [undefined, rows(20, 3000)]) {
      const report = await exportGuard(path, file, { sample });
      expect(report.sample).toMatchObject({ decisions: 0, inputs: sample ? 'given' : 'synthetic' });
    }
    const session = await nodeRuntime.createSession(file);
    expect(session.inputs.map(({ name }) => name)).toEqual(['vector', 'category']);
    const outputs = await session.run({
      vector: { ...inputs[0]!.tensors.vector, dims: [1, 6] } as Tensor,
      category: { ...inputs[0]!.tensors.category, dims: [1] } as Tensor,
    });
    await session.close();
    expect((outputs.score!.data as Float32Array)[0]).toBeCloseTo(verdicts[0]!.score, 4);
  });

  it('is not opened where the first of its inputs is another than its input', async () => {
    const path = join(folder, 'guard');
    const file = join(path, 'guard.json');
    const text = await readFile(file, 'utf8');
    const manifest = JSON.parse(text);
    await writeFile(file, JSON.stringify({ ...manifest, input: manifest.inputs[1] }));
    await expect(guardDigest(path)).rejects.toMatchObject({ code: 'CORRUPT_FILE' });
    await writeFile(file, text);
  });
});
