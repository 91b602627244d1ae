/**
 * What recording costs and what a recorded training step costs beside its matrix products.
 *
 *     npm run bench:record            # prints one JSON document
 *
 * A perceptron (512 → 1024 → 1024 → 512, relu, mean square, batch 250): milliseconds to record it, nodes, and the step
 * over the sum of bare MatMuls of the same shapes, measured in turns so that a busy machine slows both.
 */
import { availableParallelism } from 'node:os';
import { nodeRuntime } from '@ood/onnx/node';
import { record, valueAndGradients } from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../src/session/session.ts';

const SIZES = [512, 1024, 1024, 512];
const BATCH = 250;
const ROUNDS = 15;
const threads = availableParallelism();

function float(dims: readonly number[]): Tensor {
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i) / 30);
  return { type: 'float32', dims, data };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}

async function milliseconds(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

const layers = SIZES.slice(1).map((columns, i) => ({ rows: SIZES[i]!, columns, w: `w${i}`, b: `b${i}` }));
const parameters = Object.fromEntries(
  layers.flatMap(l => [
    [l.w, [l.rows, l.columns]],
    [l.b, [l.columns]],
  ]),
);
const step = valueAndGradients(tensors => {
  const output = layers.reduce((x, { w, b }, i) => {
    const affine = tf.add(tf.matMul(x, tensors[w]!), tensors[b]!);
    return i === layers.length - 1 ? affine : tf.relu(affine);
  }, tensors.x!);
  return tf.mean(tf.square(output));
}, Object.keys(parameters));
const inputs = { x: ['batch', SIZES[0]!], ...parameters };

record(step, { inputs });
const start = performance.now();
const recording = record(step, { inputs });
const recordingMs = performance.now() - start;

const session = await nodeRuntime.createSession(recording.bytes, { threads });
const feeds = Object.fromEntries(
  Object.entries(inputs).map(([name, dims]) => [
    name,
    float(dims.map(dim => (typeof dim === 'string' ? BATCH : dim))),
  ]),
);
const fetches = Object.fromEntries(
  recording.outputs.map(({ name, dims }) => [name, float(dims as number[])]),
);

/** x·W, xᵀ·dy and, but for the first layer, dy·Wᵀ. */
const products = layers.flatMap(({ rows, columns }, i) => [
  [BATCH, rows, columns] as const,
  [rows, BATCH, columns] as const,
  ...(i > 0 ? [[BATCH, columns, rows] as const] : []),
]);
const bare = await Promise.all(
  products.map(async ([rows, inner, columns]) => {
    const shapes = { a: [rows, inner], b: [inner, columns] };
    const { bytes } = record(({ a, b }) => ({ c: tf.matMul(a!, b!) }), { inputs: shapes });
    const alone = await nodeRuntime.createSession(bytes, { threads });
    const operands = { a: float(shapes.a), b: float(shapes.b) };
    const result = { c: float([rows, columns]) };
    return { run: () => alone.run(operands, result), close: () => alone.close() };
  }),
);

const times = { step: [] as number[], products: [] as number[] };
for (let round = 0; round < ROUNDS; round++) {
  times.step.push(await milliseconds(() => session.run(feeds, fetches)));
  times.products.push(
    await milliseconds(async () => {
      for (const product of bare) await product.run();
    }),
  );
}
await Promise.all([session, ...bare].map(open => open.close()));

const [stepMs, productsMs] = [median(times.step), median(times.products)];
const report = {
  bench: 'record',
  runtime: `${nodeRuntime.name} ${nodeRuntime.version}`,
  threads,
  sizes: SIZES,
  batch: BATCH,
  recordingMs: Math.round(recordingMs),
  nodes: Object.values(recording.operators).reduce((a, b) => a + b, 0),
  operators: recording.operators,
  stepMs: Number(stepMs.toFixed(2)),
  bareProductsMs: Number(productsMs.toFixed(2)),
  stepOverBareProducts: Number((stepMs / productsMs).toFixed(3)),
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
