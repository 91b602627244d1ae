import type { Runtime, Tensor } from '@ood/onnx';
import { record } from '@ood/onnx/record';
import * as tf from '@tensorflow/tfjs';
import type { NamedArrays } from '../../src/contract/arrays.ts';
import { milliseconds } from './timing.ts';

/** Rows × inner × columns of a matrix product. */
type Product = readonly [rows: number, inner: number, cols: number];

/** The products that a training step cannot do without: x·W, dy·Wᵀ and xᵀ·dy of every matrix parameter. */
function productsOf(
  parameters: NamedArrays,
  batch: number,
): Map<string, { product: Product; count: number }> {
  const products = new Map<string, { product: Product; count: number }>();
  for (const { shape } of Object.values(parameters)) {
    if (shape.length !== 2) continue;
    const [m, n] = shape as [number, number];
    for (const product of [
      [batch, m, n],
      [batch, n, m],
      [m, batch, n],
    ] as const) {
      const entry = products.get(String(product)) ?? { product, count: 0 };
      entry.count++;
      products.set(String(product), entry);
    }
  }
  return products;
}

/** How often a product stands in one graph, so that the cost of a call does not count. */
const copies = 8;

export interface BareProducts {
  readonly flop: number;
  /** Measures every product a few times more; returns the milliseconds of a step's, each alone in the runtime at its best so far. */
  measure(): Promise<number>;
  close(): Promise<void>;
}

/** The bare MatMuls of a training step's shapes in the same runtime. */
export async function bareProducts(
  runtime: Runtime,
  parameters: NamedArrays,
  { batch, threads }: { batch: number; threads: number },
): Promise<BareProducts> {
  const parts: {
    best: number;
    once: () => Promise<unknown>;
    weight: number;
    close: () => Promise<void>;
  }[] = [];
  let flop = 0;
  for (const { product, count } of productsOf(parameters, batch).values()) {
    const [rows, inner, cols] = product;
    const names = Array.from({ length: copies }, (_, i) => i);
    const { bytes } = record(
      tensors =>
        Object.fromEntries(names.map(i => [`c${i}`, tf.matMul(tensors[`a${i}`]!, tensors[`b${i}`]!)])),
      {
        inputs: Object.fromEntries(
          names.flatMap(i => [
            [`a${i}`, [rows, inner]],
            [`b${i}`, [inner, cols]],
          ]),
        ),
      },
    );
    const session = await runtime.createSession(bytes, { threads });
    const random = (dims: number[]): Tensor => ({
      type: 'float32',
      dims,
      data: Float32Array.from({ length: dims[0]! * dims[1]! }, (_, i) => Math.sin(i)),
    });
    const feeds = Object.fromEntries(
      names.flatMap(i => [
        [`a${i}`, random([rows, inner])],
        [`b${i}`, random([inner, cols])],
      ]),
    );
    const results = Object.fromEntries(names.map(i => [`c${i}`, random([rows, cols])]));
    parts.push({
      best: Number.POSITIVE_INFINITY,
      once: () => session.run(feeds, results),
      weight: count / copies,
      close: () => session.close(),
    });
    flop += 2 * rows * inner * cols * count;
  }
  return {
    flop,
    async measure() {
      let total = 0;
      for (const part of parts) {
        for (let i = 0; i < 5; i++) part.best = Math.min(part.best, await milliseconds(part.once));
        total += part.weight * part.best;
      }
      return total;
    },
    async close() {
      for (const { close } of parts) await close();
    },
  };
}
