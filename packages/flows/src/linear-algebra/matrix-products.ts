import type { Runtime } from '@ood/onnx';
import { record } from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';

/** Rows of one product: float32 inside, float64 between. */
const ROWS_AT_ONCE = 2048;

/** XᵀX of a row-major `[rows, cols]` matrix, float64: float32 products of slices of rows, summed in float64. */
export async function gramMatrix(data: Float32Array, cols: number, runtime: Runtime): Promise<Float64Array> {
  const graph = record(({ x }) => ({ gram: tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D, true, false) }), {
    inputs: { x: ['rows', cols] },
  });
  const session = await runtime.createSession(graph.bytes);
  const total = new Float64Array(cols * cols);
  try {
    const step = ROWS_AT_ONCE * cols;
    for (let start = 0; start < data.length; start += step) {
      const part = data.subarray(start, start + step);
      const feeds = { x: { type: 'float32', dims: [part.length / cols, cols], data: part } } as const;
      const { gram } = await session.run(feeds);
      const sums = gram!.data as Float32Array;
      for (let i = 0; i < sums.length; i++) total[i]! += sums[i]!;
    }
  } finally {
    await session.close();
  }
  return total;
}

/** A function that multiplies rows by a fixed square matrix: `[count, dim]` → `[count, dim]`; close it when done. */
export async function multiplier(
  matrix: Float32Array,
  dim: number,
  runtime: Runtime,
): Promise<{ multiply(rows: Float32Array): Promise<Float32Array>; close(): Promise<void> }> {
  const graph = record(({ x, m }) => ({ product: tf.matMul(x as tf.Tensor2D, m as tf.Tensor2D) }), {
    inputs: { x: ['rows', dim], m: [dim, dim] },
  });
  const session = await runtime.createSession(graph.bytes);
  const m = { type: 'float32', dims: [dim, dim], data: matrix } as const;
  return {
    async multiply(rows) {
      const x = { type: 'float32', dims: [rows.length / dim, dim], data: rows } as const;
      return (await session.run({ x, m })).product!.data as Float32Array;
    },
    close: () => session.close(),
  };
}

/** Rows times a square matrix, in float32 products. */
export async function rowsTimes(
  rows: Float64Array,
  matrix: Float64Array,
  { cols, runtime }: { readonly cols: number; readonly runtime: Runtime },
): Promise<Float64Array> {
  const { multiply, close } = await multiplier(Float32Array.from(matrix), cols, runtime);
  try {
    return Float64Array.from(await multiply(Float32Array.from(rows)));
  } finally {
    await close();
  }
}
