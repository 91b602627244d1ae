import { createRandom } from '@ood/core';
import { encodeModel } from '@ood/onnx';
import { nodeRuntime } from '@ood/onnx/node';
import { expect, test } from 'vitest';
import { exportedModel } from '../formula/exported-model.ts';
import { Formula, type Value } from '../formula/formula.ts';
import { joinScores } from './fused-graph.ts';

const [dim, classes] = [24, 16];
const { normal } = createRandom(1);
const table = () => Float64Array.from({ length: dim * classes }, normal);
const [head, other] = [table(), table()];
const names = { features: 'features', logits: 'logits', score: 'score', opset: 17 };

/** The largest logit of f · factor under the weights. */
function part(data: Float64Array, factor: number, shape: number[] = [dim, classes]): Uint8Array {
  const f = new Formula('float32');
  const weights = f.constant({ shape, data });
  const logits = f.matMul(
    f.multiply({ name: 'features' }, factor),
    shape[0] === dim ? weights : f.transpose(weights, [1, 0]),
  );
  const inputs = [{ name: 'features', cols: dim }];
  return encodeModel(exportedModel(f.finish(f.largest(logits), { inputs, output: 'score' }), names.opset));
}
const sum = (f: Formula, values: readonly Value[]) =>
  f.unsqueeze(
    values.reduce((total, value) => f.add(total, value)),
    -1,
  );
const x = { type: 'float32' as const, dims: [3, dim], data: Float32Array.from({ length: 3 * dim }, normal) };
async function run(model: Uint8Array): Promise<number[]> {
  const session = await nodeRuntime.createSession(model, { threads: 1 });
  try {
    return Array.from((await session.run({ features: x })).score!.data as Float32Array);
  } finally {
    await session.close();
  }
}

test('parts with the same weights hold them once, and score as they did apart', async () => {
  const parts = [part(head, 1), part(other, 1), part(head, -2), part(head, 1, [classes, dim])];
  const joined = joinScores(parts, names, sum);
  const large = joined.graph!.initializer.filter(({ rawData }) => rawData.length >= 1024);
  // The same numbers in another shape are another table.
  expect(large.map(({ dims }) => dims.map(Number))).toEqual([
    [dim, classes],
    [dim, classes],
    [classes, dim],
  ]);
  const apart = await Promise.all(parts.map(run));
  const expected = [0, 1, 2].map(row => apart.reduce((total, scores) => total + scores[row]!, 0));
  const scores = await run(encodeModel(joined));
  scores.forEach((score, row) => {
    expect(score).toBeCloseTo(expected[row]!, 4);
  });
});
